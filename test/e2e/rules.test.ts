// Rules of one's own on real Envoys: what two services answer, and which transactions are kept for what reason; then the rules change.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { bentSidecar } from '../support/bent-sidecar.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { allFailures, decided, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const RULES = `
- name: graphql-errors
  match: { route: POST /graphql/**, status: 200, body: { path: $.errors, exists: true, minLength: 1 } }
  then: failure
- name: business-as-usual
  match: { service: shop, route: /quota, status: 500, body: { path: $.code, is: QUOTA } }
  then: fine
- name: recommendations-optional
  match: { service: recommendations, failed: true }
  then: failure-unless-swallowed
- name: slow
  match: { service: shop, route: /slow/**, slower: 2s }
  then: failure
- name: says-error
  match: { responseHeader: { name: x-result, is: ERROR } }
  then: failure
`;

const ERRORS = '{"data":null,"errors":[{"message":"no such field"}]}';

/** What the shop answers, by path. */
async function shop(asked: IncomingMessage, answer: ServerResponse, recommendations: string): Promise<void> {
  const json = { 'content-type': 'application/json' };
  const path = asked.url ?? '';
  asked.resume();
  if (path === '/graphql/plain') answer.writeHead(200, json).end(ERRORS);
  else if (path === '/graphql/gzip')
    answer.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(ERRORS));
  else if (path === '/graphql/split') {
    answer.writeHead(200, json).write('{"data":null,"er');
    await delay(50);
    answer.end('rors":[{"message":"no"}]}');
  } else if (path.startsWith('/graphql')) answer.writeHead(200, json).end('{"data":{"errorCount":0},"errors":[]}');
  else if (path === '/slow/really') await delay(2_500).then(() => answer.writeHead(200).end('at last'));
  else if (path === '/header') answer.writeHead(200, { 'x-result': 'ERROR' }).end();
  else if (path === '/quota') answer.writeHead(500, json).end('{"code":"QUOTA"}');
  else if (path === '/quota-broken') answer.writeHead(500, json).end('{"code":"OTHER"}');
  else if (path.startsWith('/page')) {
    const status = await ask(recommendations, '/recommend', String(asked.headers['traceparent']), 'recommendations');
    answer.writeHead(path === '/page/strict' ? status : 200).end(`recommendations: ${status}`);
  } else answer.writeHead(200).end('fine');
}

async function ask(origin: string, path: string, traceparent: string, host?: string): Promise<number> {
  const method = path.startsWith('/graphql') ? 'POST' : 'GET';
  const headers = { traceparent, ...(host !== undefined && { host }) };
  const sent = request(new URL(path, origin), { method, headers, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode ?? 0;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Gone with everything else. */
function temporaryFor(world: AsyncDisposableStack): string {
  const directory = mkdtempSync(join(tmpdir(), 'loop-rules-'));
  world.defer(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('rules of one’s own', () => {
  const world = new AsyncDisposableStack();
  let daemon: TestLoopd;
  let entry = '';
  let file = '';
  const traces = new Map<string, string>();

  beforeAll(async () => {
    const directory = temporaryFor(world);
    file = join(directory, 'rules.yaml');
    writeFileSync(file, RULES);
    daemon = await startTestLoopd({ rules: file, recorder: { settleMs: 200 } });
    world.defer(() => daemon.close());
    const sidecar = async (service: string, app: number, upstream?: number) => {
      const to = { name: 'recommendations', hosts: ['recommendations'], address: socket('127.0.0.1', upstream ?? 0) };
      const options = {
        speaker: { service, instance: `${service}-1` },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
        ...(upstream !== undefined && { outbound: { listen: socket('127.0.0.1', 0), upstreams: [to] } }),
      };
      const envoy = await startEnvoy(bentSidecar(options, { patient: true }));
      world.defer(() => envoy.stop());
      return envoy;
    };
    const recommendations = createServer((_asked, answer) => void answer.writeHead(500).end('out of ideas'));
    const below = await sidecar('recommendations', await listening(recommendations));
    let outbound = '';
    const above = createServer((asked, answer) => void shop(asked, answer, outbound));
    const envoy = await sidecar('shop', await listening(above), Number(new URL(await below.listener('inbound')).port));
    world.defer(() => void [recommendations, above].map((server) => server.close()));
    outbound = await envoy.listener('outbound');
    entry = await envoy.listener('inbound');
  });
  afterAll(() => world.disposeAsync());

  async function send(path: string): Promise<number> {
    const trace = randomBytes(16).toString('hex');
    traces.set(path, trace);
    return ask(entry, path, `00-${trace}-00000000000000ab-01`);
  }

  async function settled(): Promise<void> {
    await decided(daemon, traces.size);
  }

  async function reasons(): Promise<Readonly<Record<string, string>>> {
    const loops = await allFailures(daemon.api);
    return Object.fromEntries(loops.map((loop: LoopSummary) => [loop.path, loop.origin?.summary ?? 'none']));
  }

  it('keep what they call a failure, for the reason they have, and nothing else', async () => {
    for (const path of ['plain', 'gzip', 'split', 'good']) await send(`/graphql/${path}`);
    for (const path of [
      '/slow/really',
      '/slow/not',
      '/header',
      '/quota',
      '/quota-broken',
      '/page/kind',
      '/page/strict',
      '/good',
    ])
      await send(path);
    await settled();
    const kept = await until(reasons, (seen) => Object.keys(seen).length >= 7);
    expect(kept).toEqual({
      '/graphql/plain': '200, by rule graphql-errors',
      '/graphql/gzip': '200, by rule graphql-errors',
      '/graphql/split': '200, by rule graphql-errors',
      '/slow/really': expect.stringMatching(/^200 after \d+\.\d s, by rule slow$/),
      '/header': '200, by rule says-error',
      '/quota-broken': '500 Internal Server Error',
      '/page/strict': '500 Internal Server Error, by rule recommendations-optional',
    });
    const swallowed = await until(
      () => metrics(daemon),
      (text) => /fate="swallowed"} 2/.test(text),
    );
    expect(swallowed).toMatch(/^loop_rules_version 1$/m);
    expect(daemon.complaints).toEqual([]);
  });

  it('change without a restart: put in place by a rename; by a link that turns; a broken file keeps the old ones', async () => {
    writeFileSync(`${file}.new`, '- { name: missing-cart, match: { route: /cart/**, status: 200 }, then: failure }\n');
    renameSync(`${file}.new`, file);
    await until(
      () => metrics(daemon),
      (text) => /^loop_rules_version 2$/m.test(text),
    );
    await send('/cart/1');
    expect(await until(reasons, (seen) => '/cart/1' in seen)).toMatchObject({ '/cart/1': '200, by rule missing-cart' });

    writeFileSync(file, '- { name: a, match: { status: 9000 }, then: failure }\n');
    await until(
      () => metrics(daemon),
      (text) => /^loop_rules_mistakes 1$/m.test(text),
    );
    expect(daemon.complaints).toEqual([
      expect.stringMatching(/1:31: "?9000"? is no status\..*The rules before \(version 2\) stay in force\./),
    ]);
    expect(await daemon.api.vitals()).toMatchObject({ warning: expect.stringContaining('version 2') as string });
    // Nobody need say who they are there: one word is enough.
    expect(await (await fetch(new URL('/healthz', daemon.loopd.apiUrl))).json()).toEqual({ status: 'ok' });
    await send('/cart/2');
    expect(await until(reasons, (seen) => '/cart/2' in seen)).toMatchObject({ '/cart/2': '200, by rule missing-cart' });

    const mounted = join(temporaryFor(world), 'rules.yaml');
    writeFileSync(mounted, '- { name: good, match: { route: /good, status: 200 }, then: failure }\n');
    unlinkSync(file);
    symlinkSync(mounted, file);
    await until(
      () => metrics(daemon),
      (text) => /^loop_rules_version 3$/m.test(text) && /^loop_rules_mistakes 0$/m.test(text),
    );
    await send('/good');
    expect(await until(reasons, (seen) => '/good' in seen)).toMatchObject({ '/good': '200, by rule good' });

    unlinkSync(file);
    await until(
      () => daemon.complaints.length,
      (count) => count >= 2,
    );
    expect(daemon.complaints.at(-1)).toMatch(/cannot be read.*version 3\) stay in force/);
  });
});

async function metrics({ loopd }: TestLoopd): Promise<string> {
  const headers = { authorization: `Bearer ${loopd.token}` };
  return (await fetch(new URL('/metrics', loopd.apiUrl), { headers })).text();
}
