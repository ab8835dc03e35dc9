/** Debuggers where several services run: a person's goes to one of them, breakpoints wherever their file is. */
import CDP from 'chrome-remote-interface';
import { beforeEach, describe, expect, it } from 'vitest';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import { LOOPCTL, start } from '../support/cli.ts';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, replayIn, replayText, SERVICE } from '../support/project.ts';
import type { RecordedCall } from '../support/recording.ts';
import { exchangeSegments, writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const ORDERS = nodeService(`
  const { cents } = await (await fetch('http://pricing.shop:8080/quote')).json();
  const total = cents * 2;
  answer(total > 0 ? 200 : 500, { total });`)['server.mjs'];

const PRICING_IN_NODE = nodeService(`answer(200, { cents: price(20) });`, `import { price } from './price.mjs';`);

const PRICE = `export function price(left) {
  const cents = -left;
  try {
    if (cents < 0) throw new RangeError('below zero');
  } catch {}
  return cents;
}
`;

const PRICING_IN_PYTHON = `import json, os
from http.server import BaseHTTPRequestHandler, HTTPServer

def price(left):
    cents = -left
    return cents

class Pricing(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"cents": price(20)}, separators=(",", ":")).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Pricing).serve_forever()
`;

const QUOTE: RecordedCall = {
  path: '/quote',
  authority: 'pricing.shop:8080',
  answer: { status: 200, body: '{"cents":-20}' },
  at: 2,
  lasted: 20,
};

const CASCADE = {
  service: SERVICE,
  trigger: { path: '/buy', answer: { status: 500, body: '{"total":-40}' }, lasted: 40 },
  calls: [QUOTE],
  more: exchangeSegments(11, 'pricing', 'inbound', { ...QUOTE, at: 3, lasted: 10 }),
};

const BOTH = ['--service', 'orders', '--service', 'pricing'];

function project(pricing: string, files: Readonly<Record<string, string>>): TestProject {
  return makeProject({
    'orders.mjs': ORDERS ?? '',
    ...files,
    'loop.yaml': `version: 1
services:
  orders: { command: [node, orders.mjs], port: 8080, ready: /healthz }
  pricing: { command: [${pricing}], port: 8080${pricing.startsWith('node') ? ', ready: /healthz' : ''} }
`,
  });
}

const inNode = (): TestProject =>
  project('node, pricing/server.mjs', {
    'pricing/server.mjs': PRICING_IN_NODE['server.mjs'] ?? '',
    'pricing/price.mjs': PRICE,
  });

describe('breakpoints in two services', () => {
  it('of Node: each stops where it loads the file, and every one where it throws', async () => {
    const { code, report, stderr } = await replayIn(inNode(), CASCADE, [
      ...BOTH,
      '--break',
      'price.mjs:3',
      '--break',
      'orders.mjs:12',
      '--break-on',
      'throw',
    ]);
    expect(report.debugger).toMatchObject({ kind: 'node', hits: 3, unbound: [] });
    const hits = report.debugger.breakpoints.map(({ service, file, thrown }) =>
      [service, file.split('/').at(-1), thrown ?? 'reached'].join(' '),
    );
    expect(hits.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'orders orders.mjs reached',
      'pricing price.mjs RangeError: below zero',
      'pricing price.mjs reached',
    ]);
    expect(stderr).not.toContain('is not set in');
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
  });

  it('of Node and Python: each in its own language, and it is said', async () => {
    const both = project('python3, pricing.py', { 'pricing.py': PRICING_IN_PYTHON });
    const words = [...BOTH, '--break', 'pricing.py:6', '--break', 'orders.mjs:12'];
    const { code, report, stderr } = await replayIn(both, CASCADE, words);
    expect(report.debugger.breakpoints.map(({ service, file, line, source }) => [service, file, line, source])).toEqual(
      [
        ['orders', 'orders.mjs', 12, 'const total = cents * 2;'],
        ['pricing', 'pricing.py', 6, 'return cents'],
      ],
    );
    expect(report.debugger.unbound).toEqual([]);
    expect(stderr).toContain('loop: --break pricing.py:6 is not set in orders: it is written in node\n');
    expect(stderr).toContain('loop: --break orders.mjs:12 is not set in pricing: it is written in python\n');
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
  });
});

describe('--inspect with two services', () => {
  it('is for the one that is named, else for the one that takes the request', async () => {
    for (const [words, who] of [
      [['--inspect=0', '--inspect-service', 'pricing'], 'pricing'],
      [['--inspect=0'], 'orders'],
    ] as const) {
      const { directory: cwd, data, root } = inNode();
      const file = await writeRecording(root, CASCADE);
      const replay = start(LOOPCTL, ['replay', file, '-o', 'json', ...BOTH, ...words], { cwd, data });
      const waits = new RegExp(`loop: ${who} waits for a debugger on 127\\.0\\.0\\.1:(\\d+)`);
      const said = await replay.said('stderr', waits);
      expect(said.includes('--inspect is for orders, which takes the request')).toBe(who === 'orders');
      const port = Number(waits.exec(said)?.[1]);
      const client = await CDP({ host: '127.0.0.1', port });
      const [target] = await CDP.List({ host: '127.0.0.1', port });
      await client.Runtime.runIfWaitingForDebugger();
      const { code, stdout, stderr } = await replay.ended;
      await client.close().catch(() => undefined);
      expect(target?.url).toMatch(who === 'orders' ? /orders\.mjs/ : /pricing/);
      expect(REPLAY_REPORT.parse(JSON.parse(stdout))).toMatchObject({ outcome: 'reproduced', debugger: { port } });
      expect([code, stderr.match(/waits for a debugger/g)]).toEqual([0, ['waits for a debugger']]);
    }
  });

  it('nobody of that name runs', async () => {
    const { code, stderr } = await replayText(inNode(), CASCADE, [...BOTH, '--inspect-service', 'stock']);
    expect(code).toBe(1);
    expect(stderr).toContain('Error: "stock" does not run, so no debugger can be attached to it.\n');
  });
});
