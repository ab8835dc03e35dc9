/** Several services of one recorded cascade run together, each in a sandbox of its own, and peers are let through on purpose. */
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RecordedCall } from '../support/recording.ts';
import { exchangeSegments } from '../support/recording.ts';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, replayIn, replayText } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const json = (value: unknown) => JSON.stringify(value);

/** orders, in Node, asks pricing, in Python, which asks stock; and asks rates itself. Both listen on 8080. */
const LOOP_YAML = `version: 1
services:
  orders: { command: [node, server.mjs], port: 8080, ready: /healthz }
  pricing: { command: [python3, pricing.py], port: 8080, ready: /healthz }
`;

const ORDERS = nodeService(`
  const rate = await (await fetch('http://rates.test/eur')).json();
  const quote = await (await fetch('http://pricing.shop:8080/quote?sku=7', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ rate: rate.rate }) })).json();
  answer(quote.cents > 0 ? 200 : 500, { total: quote.cents });`);

const pricing = (cents: string) => ({
  'pricing.py': `
import json, os, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

class Pricing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, value):
        body = json.dumps(value, separators=(",", ":")).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer({})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        left = json.load(urllib.request.urlopen("http://stock.test/left/7"))["left"]
        self.answer({"cents": ${cents}})
    def log_message(self, *args):
        print("asked", self.path, flush=True)

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Pricing).serve_forever()
`,
});

const QUOTE: RecordedCall = {
  method: 'POST',
  path: '/quote?sku=7',
  authority: 'pricing.shop:8080',
  body: json({ rate: 2 }),
  answer: { status: 200, body: json({ cents: -40 }) },
  at: 2,
  lasted: 20,
};

/** The recorded failure: the price was below zero. */
const CASCADE = {
  trigger: { path: '/buy', answer: { status: 500, body: json({ total: -40 }) }, lasted: 40 },
  calls: [{ path: '/eur', authority: 'rates.test', answer: { status: 200, body: json({ rate: 2 }) }, at: 1 }, QUOTE],
  more: [
    ...exchangeSegments(11, 'pricing', 'inbound', { ...QUOTE, at: 3, lasted: 10 }),
    ...exchangeSegments(12, 'pricing', 'outbound', {
      path: '/left/7',
      authority: 'stock.test',
      answer: { status: 200, body: json({ left: 20 }) },
      at: 4,
    }),
  ],
};

const BOTH = ['--service', 'orders', '--service', 'pricing'];

function shop(cents: string): TestProject {
  return makeProject({ 'loop.yaml': LOOP_YAML, ...ORDERS, ...pricing(cents) });
}

describe('two services of a cascade', () => {
  it('run together, the rest is answered from the recording', async () => {
    const { code, report, stderr } = await replayIn(shop('-left * asked["rate"]'), CASCADE, BOTH);
    expect(report.calls.map(({ service, peer, summary, grade }) => [service, peer, summary, grade])).toEqual([
      ['orders', 'rates.test:80', 'GET /eur', 'exact'],
      ['pricing', 'stock.test:80', 'GET /left/7', 'exact'],
      ['orders', 'pricing.shop:8080', 'POST /quote?sku=7', 'real'],
    ]);
    expect(report.calls[2]?.explanation).toEqual(['answered 200', 'answered as recorded']);
    expect(report.cast).toEqual([
      { service: 'orders', command: ['node', 'server.mjs'], exitCode: null },
      { service: 'pricing', command: ['python3', 'pricing.py'], exitCode: null },
    ]);
    expect(stderr).toContain('pricing | asked /quote?sku=7\n');
    expect([report.service, report.outcome, report.unused, report.refused, code]).toEqual([
      'orders',
      'reproduced',
      [],
      [],
      0,
    ]);
  });
});
