/** Several services of one recorded cascade run together, each in a sandbox of its own, and peers are let through on purpose. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeGrpcFrame } from '../../src/wire/grpc/framing.ts';
import { ORDERS as ORDERS_IN_PYTHON, PRICING } from '../support/grpc-services.ts';
import { grpcioPath } from '../support/grpcio.ts';
import { connectionSegments } from '../support/postgres-segments.ts';
import { quote } from '../support/protobuf.ts';
import type { RecordedCall } from '../support/recording.ts';
import { exchangeSegments } from '../support/recording.ts';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, replayIn, replayText } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const json = (value: unknown) => JSON.stringify(value);

/** orders, in Node, asks pricing, in Python, which asks stock and its cache; and asks rates itself. Both listen on 8080. */
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
import json, os, socket, urllib.request
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
        cache = socket.create_connection(("cache.test", 6379))
        cache.sendall(b"*2\\r\\n$3\\r\\nGET\\r\\n$4\\r\\nrate\\r\\n")
        kept = int(cache.recv(100).split(b"\\r\\n")[1])
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
    ...connectionSegments({
      stream: 13,
      service: 'pricing',
      owner: 11,
      protocol: 'redis',
      authority: 'cache.test:6379',
      sent: [
        { side: 'client', bytes: Buffer.from('*2\r\n$3\r\nGET\r\n$4\r\nrate\r\n') },
        { side: 'server', bytes: Buffer.from('$1\r\n2\r\n') },
      ],
    }),
  ],
};

const BOTH = ['--service', 'orders', '--service', 'pricing'];

function shop(cents: string): TestProject {
  return makeProject({ 'loop.yaml': LOOP_YAML, ...ORDERS, ...pricing(cents) });
}

describe('two services of a cascade', () => {
  it('run together, the rest is answered from the recording', async () => {
    const { code, report, stderr } = await replayIn(shop('-left * kept'), CASCADE, BOTH);
    expect(report.calls.map(({ service, peer, summary, grade }) => [service, peer, summary, grade])).toEqual([
      ['orders', 'rates.test:80', 'GET /eur', 'exact'],
      ['pricing', 'stock.test:80', 'GET /left/7', 'exact'],
      ['pricing', 'cache.test:6379', 'GET rate', 'exact'],
      ['orders', 'pricing.shop:8080', 'POST /quote?sku=7', 'real'],
    ]);
    expect(report.calls[3]?.explanation).toEqual(['answered 200', 'answered as recorded']);
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

  it('a change of the one that is called changes the answer, and its call says how', async () => {
    const { code, report } = await replayIn(shop('left * kept'), CASCADE, BOTH);
    expect([report.outcome, report.replayed.body, code]).toEqual(['differs', json({ total: 40 }), 5]);
    expect(report.calls.at(-1)).toMatchObject({
      service: 'orders',
      grade: 'real',
      explanation: ['answered 200', 'body.cents: recorded "-40", now "40"'],
    });
  });

  it('what one of them asks differently is said at the real call and missed behind it', async () => {
    const changed = pricing('-left * kept')['pricing.py'].replace('/left/7', '/left/8');
    const project = makeProject({ 'loop.yaml': LOOP_YAML, ...ORDERS, 'pricing.py': changed });
    const { code, report } = await replayIn(project, CASCADE, BOTH);
    expect(report.missed).toMatchObject([{ service: 'pricing', summary: 'GET /left/8' }]);
    expect(report.unused).toEqual(['pricing: GET /left/7 at stock.test', expect.stringContaining('pricing: GET rate')]);
    expect([report.outcome, code]).toEqual(['incomplete', 6]);
  });

  it('commands of the command line, each in its words', async () => {
    const { report } = await replayIn(shop('-left * kept'), CASCADE, [
      '--service',
      'pricing=python3 -u "pricing.py"',
      '--service',
      'orders',
      '--',
      'node',
      './server.mjs',
    ]);
    expect(report.cast.map(({ command }) => command)).toEqual([
      ['node', './server.mjs'],
      ['python3', '-u', 'pricing.py'],
    ]);
    expect(report.outcome).toBe('reproduced');
  });

  it('one that dies is named', async () => {
    const project = makeProject({
      'loop.yaml': LOOP_YAML,
      ...ORDERS,
      'pricing.py': 'raise SystemExit("no price list")',
    });
    const { code, stderr } = await replayText(project, CASCADE, [...BOTH, '--quiet']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Error: pricing: The service ended with code 1 before it was ready.\nIts last lines:\nno price list\n',
    );
  });

  it('one that is called by nobody who runs: whom to run too', async () => {
    const { code, stderr } = await replayText(shop('1'), THROUGH_PRICING, [
      '--service',
      'orders',
      '--service',
      'stock',
    ]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Error: "stock" is called by "pricing", which would be answered from the recording: that call would never happen.\n' +
        'Try: Run it too: --service pricing="<command>"\n',
    );
  });
});

describe('a service that dies in mid replay', () => {
  it('is named, with how, and what it said last', async () => {
    const { report, stderr, code } = await replayIn(
      shop('print("no price list", flush=True) or os._exit(3)'),
      CASCADE,
      BOTH,
    );
    expect(report.cast).toMatchObject([
      { service: 'orders', exitCode: null },
      {
        service: 'pricing',
        exitCode: 3,
        ended: { how: 'with code 3', lastLines: ['asked /healthz', 'no price list'] },
      },
    ]);
    expect(report.cast[0]).not.toHaveProperty('ended');
    expect(report.calls.at(-1)).toMatchObject({
      grade: 'real',
      explanation: [
        'no answer, and the connection broke off',
        expect.stringMatching(/^status: recorded "200"/),
        expect.anything(),
        expect.anything(),
      ],
    });
    expect(stderr).toContain('pricing | no price list\n');
    expect([report.outcome, report.exitCode, code]).toEqual(['differs', null, 5]);
  });

  it('between two calls, the second finds it gone', async () => {
    const twice = nodeService(`
  for (const sku of [1, 2]) await fetch('http://pricing.shop:8080/quote?sku=' + sku).catch(() => undefined);
  answer(500, { total: -40 });`);
    const dying = nodeService(`response.on('close', () => process.kill(process.pid, 'SIGKILL')); answer(200, {});`);
    const project = makeProject({
      'orders.mjs': twice['server.mjs'] ?? '',
      'pricing.mjs': dying['server.mjs'] ?? '',
      'loop.yaml': NODE_YAML,
    });
    const { report } = await replayIn(project, CASCADE, BOTH);
    expect(report.cast[1]).toMatchObject({ service: 'pricing', exitCode: null, ended: { how: 'by SIGKILL' } });
    expect(report.calls.at(-1)?.grade).toBe('real');
    expect(report.outcome).toBe('reproduced');
  });
});

const NODE_YAML = `version: 1
services:
  orders: { command: [node, orders.mjs], port: 8080, ready: /healthz }
  pricing: { command: [node, pricing.mjs], port: 8080, ready: /healthz }
`;

describe('ids that both make anew', () => {
  const ORDER = '11111111-1111-4111-8111-111111111111';
  const OFFER = '22222222-2222-4222-8222-222222222222';
  const FILES = {
    'loop.yaml': NODE_YAML,
    'orders.mjs':
      nodeService(`
  const order = crypto.randomUUID();
  const offer = await (await fetch('http://pricing.shop:8080/offers', { method: 'POST', body: JSON.stringify({ order }) })).json();
  const held = await (await fetch('http://stock.test/held/' + offer.offer)).json();
  answer(held.offer === offer.offer && offer.of === order && offer.ledger === order ? 500 : 200, { offer: held.offer });`)[
        'server.mjs'
      ] ?? '',
    'pricing.mjs':
      nodeService(`
  const { order } = JSON.parse(text);
  const ledger = await (await fetch('http://ledger.test/orders/' + order)).json();
  answer(200, { of: order, ledger: ledger.order, offer: crypto.randomUUID() });`)['server.mjs'] ?? '',
  };
  const ASKED: RecordedCall = {
    method: 'POST',
    path: '/offers',
    authority: 'pricing.shop:8080',
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
    body: json({ order: ORDER }),
    answer: { status: 200, body: json({ of: ORDER, ledger: ORDER, offer: OFFER }) },
    at: 1,
    lasted: 20,
  };
  const RECORDING = {
    trigger: { path: '/buy', answer: { status: 500, body: json({ offer: OFFER }) }, lasted: 60 },
    calls: [
      ASKED,
      {
        path: `/held/${OFFER}`,
        authority: 'stock.test',
        answer: { status: 200, body: json({ offer: OFFER }) },
        at: 40,
      },
    ],
    more: [
      ...exchangeSegments(11, 'pricing', 'inbound', { ...ASKED, at: 2, lasted: 15 }),
      ...exchangeSegments(12, 'pricing', 'outbound', {
        path: `/orders/${ORDER}`,
        authority: 'ledger.test',
        answer: { status: 200, body: json({ order: ORDER }) },
        at: 5,
      }),
    ],
  };

  it('are no differences, stand in what is mocked behind them, and no turn waits for a real answer', async () => {
    const { code, report } = await replayIn(makeProject(FILES), RECORDING, [...BOTH, '--order', 'recorded']);
    expect(report.calls.map(({ peer, grade }) => `${peer} ${grade}`)).toEqual([
      'ledger.test:80 normalised',
      'pricing.shop:8080 real',
      'stock.test:80 normalised',
    ]);
    expect(report.calls[1]?.explanation).toEqual(['answered 200', 'answered as recorded']);
    expect(json(report.calls)).not.toContain('waited');
    expect([report.outcome, report.unused, code]).toEqual(['reproduced', [], 0]);
    expect(report.replayed.body).not.toContain(OFFER);
  });
});

const THROUGH_PRICING = {
  ...CASCADE,
  more: [
    ...CASCADE.more,
    ...exchangeSegments(14, 'stock', 'inbound', { path: '/left/7', authority: 'stock.test', at: 5 }),
  ],
};

describe('gRPC between two services', () => {
  it('passes whole, with its trailers', async () => {
    const call = (sku: string): RecordedCall => ({
      method: 'POST',
      path: '/shop.Pricing/Quote',
      authority: 'pricing.test:50051',
      protocol: 'HTTP/2',
      headers: { 'content-type': 'application/grpc', te: 'trailers' },
      body: encodeGrpcFrame({ compressed: false, bytes: quote({ sku }) }),
      answer: {
        status: 200,
        headers: { 'content-type': 'application/grpc' },
        trailers: { 'grpc-status': '5', 'grpc-message': 'no such price' },
      },
    });
    const project = makeProject({
      ...ORDERS_IN_PYTHON,
      ...PRICING,
      'loop.yaml': `version: 1
services:
  orders: { command: [python3, server.py], port: 8080, env: { PYTHONPATH: ${grpcioPath()} } }
  pricing: { command: [node, server.mjs], port: 8080 }
`,
    });
    const asked = call('BROKEN');
    const { report } = await replayIn(
      project,
      {
        trigger: { ...asked, path: '/shop.Orders/Checkout', authority: 'orders.test:8080', lasted: 30 },
        calls: [{ ...asked, at: 1, lasted: 20 }],
        more: exchangeSegments(11, 'pricing', 'inbound', { ...asked, at: 2, lasted: 10 }),
      },
      BOTH,
    );
    expect(report.replayed.grpc).toEqual({
      status: 13,
      name: 'INTERNAL',
      message: 'pricing said: the price of BROKEN is no number',
    });
    expect(report.calls).toMatchObject([
      {
        service: 'orders',
        protocol: 'grpc',
        summary: '/shop.Pricing/Quote',
        grade: 'real',
        explanation: expect.arrayContaining([
          'answered grpc 13 INTERNAL',
          'grpc-status: recorded "5", now "13"',
        ]) as unknown,
      },
    ]);
    expect(report.refused).toEqual([]);
  });
});

describe('a peer that is let through', () => {
  const SERVICE = nodeService(`
    const seen = await Promise.all(['http://stock.test:8000/', 'http://new.test:8000/', process.env.OTHER].map((url) =>
      fetch(url).then((got) => got.text(), (error) => error.cause.code)));
    answer(500, seen);`);

  it('is reached on this machine, and nothing else is', async () => {
    const asked: string[] = [];
    await using real = await listening(
      createServer((request, response) => {
        asked.push(request.headers.host ?? '');
        response.end('from this machine');
      }),
    );
    const address = `127.0.0.1:${real.port}`;
    const recording = {
      trigger: { answer: { status: 500, body: json([]) } },
      calls: [{ authority: 'stock.test:8000', answer: { status: 200, body: 'recorded' } }],
    };
    const project = makeProject({
      ...SERVICE,
      'loop.yaml': `version: 1\nservices:\n  orders: { command: [node, server.mjs], port: 8080, ready: /healthz, env: { OTHER: 'http://${address}/' } }\n`,
    });
    const { report, stderr } = await replayIn(project, recording, [
      '--real',
      `stock.test=${address}`,
      '--real',
      `new.test:8000=${address}`,
    ]);
    // The address itself is nobody's name: from inside it is the service's own loopback.
    expect(report.replayed.body).toBe(json(['from this machine', 'from this machine', 'ECONNREFUSED']));
    expect(asked.toSorted()).toEqual(['new.test:8000', 'stock.test:8000']);
    expect(
      report.calls.map(({ protocol, peer, summary, grade }) => [protocol, peer, summary, grade].join(' ')).toSorted(),
    ).toEqual([`tcp new.test:8000 connection to ${address} real`, `tcp stock.test:8000 connection to ${address} real`]);
    expect(report.real).toMatchObject([
      { peer: 'stock.test:8000', address, connections: 1 },
      { peer: 'new.test:8000', address, connections: 1 },
    ]);
    expect(report.isolation.limits).toContain(
      `stock.test:8000 is real: what the service says there reaches ${address}, as --real asks.`,
    );
    expect(stderr).toContain(`loop: stock.test:8000 is real: what the service says there reaches ${address}`);

    const closed = await replayIn(project, recording);
    expect(closed.report.replayed.body).toBe(json(['recorded', 'ENOTFOUND', 'ECONNREFUSED']));
    expect(asked).toHaveLength(2);
  });
});

async function listening(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
