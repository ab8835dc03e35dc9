/** Recordings made by hand, real services in the real sandbox, through loopctl as a person calls it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeProject, nodeService, replayIn, replayText } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const json = (value: unknown) => JSON.stringify(value);

describe('calls of the service', () => {
  it('repeats are answered in recorded order', async () => {
    const project = makeProject(
      nodeService(`
        const seen = [];
        for (let turn = 0; turn < 3; turn += 1) seen.push(await (await fetch('http://stock.test:8000/take', { method: 'POST' })).json());
        answer(500, seen);`),
    );
    const call = (left: number) => ({
      method: 'POST',
      path: '/take',
      authority: 'stock.test:8000',
      answer: { status: 200, body: json({ left }) },
    });
    const { code, report } = await replayIn(project, {
      trigger: { answer: { status: 500, body: json([{ left: 2 }, { left: 1 }, { left: 0 }]) } },
      calls: [call(2), call(1), call(0)],
    });
    expect(report.calls.map(({ grade, exchange }) => [grade, exchange?.split('.')[1]])).toEqual([
      ['exact', '2'],
      ['exact', '3'],
      ['exact', '4'],
    ]);
    expect(report.outcome).toBe('reproduced');
    expect(code).toBe(0);
  });

  it('one that timed out hangs, and the service’s own time-out fires', async () => {
    const project = makeProject(
      nodeService(`await fetch('http://slow.test/report', { signal: AbortSignal.timeout(3000) }); answer(200, {});`),
    );
    const { code, report } = await replayIn(project, {
      trigger: { answer: { status: 500, body: json({ error: 'TimeoutError' }) } },
      calls: [{ path: '/report', authority: 'slow.test', answer: 'none' }],
    });
    expect(report.replayed.body).toBe(json({ error: 'TimeoutError' }));
    expect(report.calls).toMatchObject([
      { grade: 'exact', explanation: ['no answer was recorded: the call hangs, as it did'] },
    ]);
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
  });

  it.each([
    ['in mid body', { status: 200, headers: { 'content-length': '1000' }, body: 'half', whole: false }],
    ['after its headers', { status: 200, headers: { 'content-length': '1000' }, whole: false }],
  ])('one that was broken off %s is broken off as Envoy does it: with a FIN (docs/ENVOY.md)', async (_when, cut) => {
    const seen = 'UND_ERR_SOCKET';
    const project = makeProject(nodeService(`answer(200, await (await fetch('http://flaky.test/')).text());`));
    const { code, report } = await replayIn(project, {
      trigger: { answer: { status: 500, body: json({ error: seen }) } },
      calls: [{ authority: 'flaky.test', answer: cut }],
    });
    expect(report.replayed.body).toBe(json({ error: seen }));
    expect(report.calls).toMatchObject([{ explanation: ['the recorded answer was cut off: so is this one'] }]);
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
  });

  it('a fresh id in a body is noise: normalised', async () => {
    const project = makeProject(
      nodeService(
        `await fetch('http://ledger.test/entries', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id: randomUUID(), cents: 5 }) });
         answer(500, {});`,
        `import { randomUUID } from 'node:crypto';`,
      ),
    );
    const body = json({ id: '7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f', cents: 5 });
    const { code, report } = await replayIn(project, {
      trigger: { answer: { status: 500, body: '{}' } },
      calls: [{ method: 'POST', path: '/entries', authority: 'ledger.test', body }],
    });
    expect(report.calls.map(({ grade }) => grade)).toEqual(['normalised']);
    expect(code).toBe(0);
  });

  it('a call nobody recorded is missed, explained, and exit code 6', async () => {
    const project = makeProject(nodeService(`answer((await fetch('http://prices.test/v1/prices/8')).status, {});`));
    const recording = {
      trigger: { answer: { status: 500, body: '{}' } },
      calls: [{ path: '/v1/stock/8', authority: 'prices.test' }],
    };
    const { code, report } = await replayIn(project, recording);
    expect(report).toMatchObject({ outcome: 'incomplete', unused: ['GET /v1/stock/8 at prices.test'] });
    expect(report.missed.map(({ summary, explanation }) => [summary, explanation?.slice(0, 2)])).toEqual([
      [
        'GET /v1/prices/8',
        [
          'GET /v1/prices/8: no recorded call asks this. Nearest:',
          '  GET /v1/stock/8 (not served yet): path[2]: recorded "stock", asked "prices"',
        ],
      ],
    ]);
    expect(code).toBe(6);
    const text = await replayText(project, recording);
    expect(text.code).toBe(6);
    expect(text.stdout).toMatch(
      /^missed {6}http prices\.test:80 {2}GET \/v1\/prices\/8\n {12}GET \/v1\/prices\/8: no recorded call asks this\. Nearest:\n/,
    );
    expect(text.stdout).toContain('not asked   GET /v1/stock/8 at prices.test\n');
  });

  it('a call after the answer cannot have affected it', async () => {
    const project = makeProject(nodeService(`answer(500, {}); setTimeout(() => fetch('http://late.test/'), 0);`));
    const { code, report } = await replayIn(project, { trigger: { answer: { status: 500, body: '{}' } } });
    expect([report.outcome, report.missed, code]).toEqual(['reproduced', [], 0]);
  });
});

describe('the answer', () => {
  it('that differs: exit code 5, and what differs', async () => {
    const project = makeProject(nodeService(`answer(200, { total: 4, at: new Date() });`));
    const { code, report } = await replayIn(project, {
      trigger: { answer: { status: 500, body: json({ total: 5, at: '2026-01-02T03:04:05Z' }) } },
    });
    expect([report.outcome, code]).toEqual(['differs', 5]);
    expect(report.diff).toEqual([
      { where: 'status', recorded: '500', replayed: '200' },
      { where: 'body.total', recorded: '5', replayed: '4' },
    ]);
  });

  it('that never comes, where one was recorded: exit code 5', async () => {
    const project = makeProject(nodeService(`request.socket.destroy();`));
    const { code, report } = await replayIn(project, { trigger: { answer: { status: 500, body: '{}' } } });
    expect(report).toMatchObject({ outcome: 'incomplete', missed: [], replayed: { status: null, bytes: 0 } });
    expect(code).toBe(5);
  });

  it('that takes too long: exit code 5', async () => {
    const project = makeProject(nodeService(`// it thinks`));
    const { code, report } = await replayIn(project, { trigger: { answer: { status: 500, body: '{}' } } }, [
      '--timeout',
      '1',
    ]);
    expect([report.replayed.status, code]).toEqual([null, 5]);
  });

  it('that never came then, and does not come now, is reproduced', async () => {
    const project = makeProject(nodeService(`process.exit(9);`));
    const { code, report } = await replayIn(project, { trigger: { answer: 'none' } });
    expect(report).toMatchObject({ outcome: 'reproduced', exitCode: 9, recorded: { status: null } });
    expect(code).toBe(0);
  });

  it('to what was asked then: method, path, headers and body', async () => {
    const project = makeProject(
      nodeService(
        `answer(500, { method: request.method, url: request.url, host: request.headers.host, who: request.headers['x-who'], text });`,
      ),
    );
    const trigger = {
      method: 'PUT',
      path: '/carts/7?full=1',
      authority: 'orders.shop',
      headers: { 'x-who': 'c-12' },
      body: '{"a": 1}',
    };
    const heard = { method: 'PUT', url: '/carts/7?full=1', host: 'orders.shop', who: 'c-12', text: '{"a": 1}' };
    const { report } = await replayIn(project, { trigger: { ...trigger, answer: { status: 500, body: json(heard) } } });
    expect(report).toMatchObject({ outcome: 'reproduced', trigger: 'PUT /carts/7?full=1' });
  });
});

describe('TLS to a recorded name', () => {
  const recording = {
    trigger: { answer: { status: 500, body: json({ rate: 3 }) } },
    calls: [
      {
        path: '/v1/rate',
        authority: 'api.example.test',
        scheme: 'https' as const,
        answer: { status: 200, body: json({ rate: 3 }) },
      },
    ],
  };

  it('is trusted by Node, unmodified', async () => {
    const project = makeProject(
      nodeService(`answer(500, await (await fetch('https://api.example.test/v1/rate')).json());`),
    );
    const { code, report } = await replayIn(project, recording);
    expect(report.calls).toMatchObject([{ peer: 'api.example.test:443', grade: 'exact' }]);
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
  });

  it('is trusted by Python, unmodified', async () => {
    const project = makeProject({ 'server.py': PYTHON_SERVICE });
    const { code, report } = await replayIn(project, recording, ['--', 'python3', 'server.py']);
    expect(report.calls).toMatchObject([{ peer: 'api.example.test:443', grade: 'exact' }]);
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
  });

  it('is not trusted for a name that was not recorded', async () => {
    const project = makeProject(
      nodeService(
        `connect({ host: 'api.example.test', port: 443, servername: 'api.example.test' }, function () { answer(500, { names: this.getPeerCertificate().subjectaltname }); this.destroy(); });`,
        `import { connect } from 'node:tls';`,
      ),
    );
    const { report } = await replayIn(project, recording);
    expect(report.replayed.body).toBe(json({ names: 'DNS:api.example.test' }));
    expect(report.unused).toEqual(['GET /v1/rate at api.example.test']);
  });
});

const PYTHON_SERVICE = `
import os, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        ready = self.path == "/healthz"
        body = b"{}" if ready else urllib.request.urlopen("https://api.example.test/v1/rate", timeout=10).read()
        self.send_response(200 if ready else 500)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body)

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`;

describe('start-up traffic', () => {
  it('is answered from the ambient profile, and without it the service is not ready', async () => {
    const project = makeProject(
      nodeService(
        `answer(500, {});`,
        `const keys = await fetch('http://accounts.test/keys'); if (!keys.ok) { console.error('no keys'); process.exit(1); }`,
      ),
    );
    const companions = [{ ...(await ambientOf('accounts.test', '/keys')) }];
    const recording = { trigger: { answer: { status: 500, body: '{}' } }, companions };
    const { code, report } = await replayIn(project, recording);
    expect(report.calls).toMatchObject([{ grade: 'borrowed', summary: 'GET /keys' }]);
    expect(code).toBe(0);
    const without = await replayText(project, recording, ['--no-ambient']);
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(/\nError: The service ended with code 1 before it was ready\.\nIts last lines:\n/);
    expect(without.stderr).toMatch(
      /\nIt asked for what was not recorded:\n {2}accounts\.test: this name was not recorded\nTry: Record it while it starts.+\n$/,
    );
  });
});

async function ambientOf(authority: string, path: string) {
  const { recordingOf } = await import('../support/recording.ts');
  return recordingOf({
    service: 'orders',
    purpose: 'ambient',
    number: 99,
    trigger: { path: '/healthz' },
    calls: [{ path, authority, answer: { status: 200, body: '{"keys":[]}' } }],
  });
}

describe('what a person is told when it cannot be', () => {
  const recording = { trigger: { answer: { status: 500, body: '{}' } } };

  it('a service that crashes at start: one sentence, with its last lines', async () => {
    const project = makeProject({ 'server.mjs': `console.error('config: DATABASE_URL is not set'); process.exit(3);` });
    const { code, stdout, stderr } = await replayText(project, recording, ['--quiet']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /\nError: The service ended with code 3 before it was ready\.\nIts last lines:\nconfig: DATABASE_URL is not set\nTry: .+\n$/,
    );
  });

  it('the same under --break, as soon as it has ended', async () => {
    const project = makeProject({ 'server.mjs': `console.error('no configuration'); process.exit(3);` });
    const { code, stderr } = await replayText(project, recording, ['--quiet', '--break', 'server.mjs:1']);
    expect(code).toBe(1);
    expect(stderr).toContain('\nError: The service ended with code 3 before it was ready.\nIts last lines:\n');
  });

  it('a node that does not even take its options, under --break', async () => {
    const project = makeProject({});
    const { code, stderr } = await replayText(project, recording, [
      '--quiet',
      '--break',
      'server.mjs:1',
      '--',
      'node',
      '--no-such-option',
      'server.mjs',
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('\nError: The service ended with code 9 before it was ready.\nIts last lines:\n');
  });

  it('a program that is not there', async () => {
    const { code, stderr } = await replayText(makeProject({}), recording, ['--', 'no-such-program']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nError: Cannot execute no-such-program in \S+ \(ENOENT\)\.\nTry: .+\n$/);
  });

  it('a service that never listens', async () => {
    const project = makeProject({ 'server.mjs': `setInterval(() => {}, 1000);` });
    const { code, stderr } = await replayText(project, recording, ['--quiet', '--ready-timeout', '1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /\nError: The service does not answer GET \/healthz on port 8080 with 2xx after 1 s\. It printed nothing\.\nTry: .+\n$/,
    );
  });

  it('the repository of another service', async () => {
    const project = makeProject({ 'loop.yaml': 'version: 1\nservices:\n  pricing: { port: 80 }\n' });
    const { code, stderr } = await replayText(project, recording);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `Error: The failure began at the service "orders"; the loop.yaml in ${project.directory} knows pricing.\n` +
        'Try: Change to the repository of orders, or replay another hop with --service.\n',
    );
  });

  it('no loop.yaml: one to paste', async () => {
    const project = makeProject({ 'loop.yaml': '' });
    const { code, stderr } = await replayText(project, recording);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: The failure began at the service "orders", and no loop\.yaml here or above says how it is run\.\nTry: /,
    );
    expect(stderr).toContain(
      'version: 1\nservices:\n  orders:\n    command: [node, server.js]\n    port: 8080\n    ready: /healthz\n',
    );
  });

  it('no loop.yaml, and --port stands in', async () => {
    const project = makeProject({ 'loop.yaml': '', ...nodeService('answer(500, {});') });
    const { code } = await replayText(project, recording, ['--port', '8080', '--', 'node', 'server.mjs']);
    expect(code).toBe(0);
  });

  it('a command that does not tell what it starts, with --break', async () => {
    const { code, stderr } = await replayText(makeProject({}), recording, [
      '--break',
      'server.py:3',
      '--',
      './start.sh',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: The command "\.\/start\.sh" does not tell what the service is written in, so no debugger can be attached\.\nTry: --debugger node/,
    );
  });

  it('a service that has no request in the recording', async () => {
    const { code, stderr } = await replayText(makeProject({}), recording, ['--service', 'pricing']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Error: The recording holds no request that can be sent again for a request to "pricing".\nTry: --service orders\n',
    );
  });

  it('a loop.yaml with a mistake: its key', async () => {
    const project = makeProject({ 'loop.yaml': 'version: 1\nservices:\n  orders: { prot: 80 }\n' });
    const { code, stderr } = await replayText(project, recording);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: \S+loop\.yaml does not say how to run the services: .*services\.orders.*\nTry: .+\n$/,
    );
  });

  it('a breakpoint in a file that is never loaded', async () => {
    const project = makeProject(nodeService('answer(500, {});'));
    const { code, stdout } = await replayText(project, recording, ['--break', 'other.mjs:3']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'the breakpoint at other.mjs:3 was never set: no script of that name with code at or after that line was loaded\n',
    );
  });
});

describe('what the service writes', () => {
  it('into its project and its home is gone afterwards', async () => {
    const project = makeProject(
      nodeService(
        `const tried = (path, text) => { try { writeFileSync(path, text); return readFileSync(path, 'utf8'); } catch (error) { return error.code; } };
         answer(500, [tried('new.txt', 'made'), tried('server.mjs', 'gone'), tried('../notes.txt', 'made')]);`,
        `import { readFileSync, writeFileSync } from 'node:fs';`,
      ),
    );
    const before = treeOf(project.home);
    const { report } = await replayIn(
      project,
      { trigger: { answer: { status: 500, body: json(['made', 'gone', 'EROFS']) } } },
      [],
      { env: { HOME: project.home, XDG_CACHE_HOME: undefined } },
    );
    expect(report.replayed.body).toBe(json(['made', 'gone', 'EROFS']));
    expect(treeOf(project.home).filter((line) => !line.startsWith('.cache'))).toEqual(before);
  });
});

/** Path and digest of every file. */
function treeOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path.slice(directory.length + 1)} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    })
    .toSorted();
}

describe('two replays at once', () => {
  it('do not meet', async () => {
    const project = makeProject(nodeService(`answer(500, await (await fetch('http://stock.test/')).json());`));
    const other = makeProject(nodeService(`answer(500, await (await fetch('http://stock.test/')).json());`));
    const one = (left: number) => ({
      number: left,
      trigger: { answer: { status: 500, body: json({ left }) } },
      calls: [{ authority: 'stock.test', answer: { status: 200, body: json({ left }) } }],
    });
    const ended = await Promise.all([replayIn(project, one(1)), replayIn(other, one(2))]);
    expect(ended.map(({ code, report }) => [code, report.replayed.body])).toEqual([
      [0, json({ left: 1 })],
      [0, json({ left: 2 })],
    ]);
  });
});
