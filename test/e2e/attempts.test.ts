// Retries of a real Envoy, each attempt recorded by the filter behind its router: under its call, and never a call by itself.
import { randomBytes } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { once } from 'node:events';
import * as grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { loopLines } from '../../cli/output/loop.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { decodeLoopFile } from '../../storage/format/decode.ts';
import { bentSidecar } from '../support/bent-sidecar.ts';
import { ClientCall } from '../support/exchanges/client.ts';
import { startService } from '../support/exchanges/service.ts';
import type { Behaviour, TestService } from '../support/exchanges/service.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { allFailures, decided, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const RETRY = {
  retry_on: '5xx,reset,connect-failure,unavailable',
  num_retries: 2,
  per_try_timeout: '2s',
  retry_back_off: { base_interval: '0.01s', max_interval: '0.02s' },
};

const answering =
  (status: number, body: string): Behaviour =>
  async (call) => {
    await call.whole();
    call.begin(status, [['x-own', body]]).end(Buffer.from(body));
  };

/** One after the other, then from the first again. */
function inTurn(...behaviours: readonly Behaviour[]): Behaviour {
  let turn = 0;
  return (call) => behaviours[turn++ % behaviours.length]?.(call);
}

/** UNAVAILABLE in its headers at first, then an answer. */
async function startFlakyGrpc(): Promise<{ readonly port: number; close(): void }> {
  let turn = 0;
  const server = new grpc.Server();
  const same = (bytes: Buffer): Buffer => bytes;
  const quote: grpc.handleUnaryCall<Buffer, Buffer> = (call, reply) => {
    if (turn++ % 2 === 0) reply({ code: grpc.status.UNAVAILABLE, details: 'not yet' });
    else reply(null, call.request);
  };
  server.register('/shop.Pricing/Quote', quote, same, same, 'unary');
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { port, close: () => server.forceShutdown() };
}

interface World {
  readonly daemon: TestLoopd;
  readonly app: TestService;
  readonly envoy: RunningEnvoy;
  readonly outbound: string;
  close(): Promise<void>;
}

async function startWorld(attempts: boolean, tracing = false): Promise<World> {
  const daemon = await startTestLoopd();
  const app = await startService();
  const flaky = await startFlakyGrpc();
  const to = (name: string, port: number) => ({ name, hosts: [`${name}.test`], address: socket('127.0.0.1', port) });
  const envoy = await startEnvoy(
    bentSidecar(
      {
        speaker: { service: 'front', instance: 'front-1' },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app.port) },
        // Nobody listens on port 1.
        outbound: {
          listen: socket('127.0.0.1', 0),
          upstreams: [to('app', app.port), to('gone', 1), to('pricing', flaky.port)],
        },
        attempts,
      },
      { retries: { app: RETRY, gone: RETRY, pricing: RETRY }, patient: true, tracing },
    ),
  );
  return {
    daemon,
    app,
    envoy,
    outbound: await envoy.listener('outbound'),
    async close() {
      await envoy.stop();
      flaky.close();
      await app.close();
      await daemon.close();
    },
  };
}

const newTrace = () => randomBytes(16).toString('hex');
const traceparent = (trace: string) => `00-${trace}-00000000000000ab-01`;

async function ask({ outbound }: World, host: string, path: string, trace: string, requestId?: string): Promise<void> {
  const headers = { traceparent: traceparent(trace), ...(requestId !== undefined && { 'x-request-id': requestId }) };
  await new ClientCall(outbound, path, { host, method: 'POST', headers, body: Buffer.from('again') }).answered();
}

async function quote({ outbound }: World, trace: string): Promise<number> {
  const client = new grpc.Client(new URL(outbound).host, grpc.credentials.createInsecure(), {
    'grpc.default_authority': 'pricing.test',
    'grpc.enable_retries': 0,
  });
  const metadata = new grpc.Metadata();
  metadata.set('traceparent', traceparent(trace));
  const same = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise((resolve) => {
      const call = client.makeUnaryRequest(
        '/shop.Pricing/Quote',
        same,
        same,
        Buffer.from('\n\u0003MUG'),
        metadata,
        () => undefined,
      );
      call.on('status', ({ code }) => resolve(code));
    });
  } finally {
    client.close();
  }
}

interface Kept {
  readonly exchanges: readonly Exchange[];
  readonly holes: readonly string[];
  readonly summary: LoopSummary;
  /** As `show` prints it, without times. */
  readonly lines: readonly string[];
}

/** Keeps the transaction, failed or not, once it is settled. */
async function keep({ daemon }: World, trace: string, settled: number): Promise<Kept> {
  const key = parseTransactionKey(`trace:${trace}`);
  if (key === undefined) throw new Error(`${trace} is no trace`);
  await decided(daemon, settled);
  daemon.loopd.keep(key);
  const found = await until(
    async () => (await allFailures(daemon.api)).find(({ transaction }) => transaction === key),
    (summary) => summary !== undefined,
  );
  if (found === undefined) throw new Error('It was not kept.');
  const { transaction } = await openLoop(daemon.api, found.id);
  const { view: text } = await decodeLoopFile(await daemon.api.recording(found.id, { open: true }));
  const view = parseLoopView(text);
  if (view === undefined) throw new Error('It has no view.');
  const lines = loopLines(found, view, false).map((line) =>
    stripVTControlCharacters(line)
      .replaceAll(/ *\d+ ms/g, '')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'addr')
      .trimEnd(),
  );
  return {
    exchanges: transaction.exchanges,
    holes: transaction.holes.map(({ what }) => what),
    summary: found,
    lines: lines.slice(3, -2),
  };
}

const told = (exchange: Exchange | undefined) =>
  exchange?.attempts?.map(({ number, answer }) => [number, answer?.find(({ name }) => name === ':status')?.value]);

describe('with the filter of attempts', () => {
  let world: World;
  const traces = {
    works: newTrace(),
    reset: newTrace(),
    slow: newTrace(),
    gone: newTrace(),
    grpc: newTrace(),
    fan: newTrace(),
  };
  const kept: Partial<Record<keyof typeof traces, Kept>> = {};
  let failures: readonly LoopSummary[] = [];
  let quoted = -1;

  beforeAll(async () => {
    world = await startWorld(true);
    const { app } = world;
    app.on('/works', inTurn(answering(503, 'first'), answering(500, 'second'), answering(200, 'third')));
    app.on(
      '/reset',
      inTurn((call) => call.breakOff(), answering(200, 'then')),
    );
    app.on(
      '/slow',
      inTurn(() => undefined, answering(200, 'then')),
    );
    app.on(
      '/fan',
      inTurn(answering(503, 'one'), answering(503, 'two'), answering(200, 'three'), answering(200, 'four')),
    );
    await ask(world, 'app.test', '/works', traces.works);
    await ask(world, 'app.test', '/reset', traces.reset);
    await ask(world, 'app.test', '/slow', traces.slow);
    await ask(world, 'gone.test', '/gone', traces.gone);
    quoted = await quote(world, traces.grpc);
    await Promise.all([1, 2].map(() => ask(world, 'app.test', '/fan', traces.fan, 'one-id')));
    await decided(world.daemon, 6);
    failures = await allFailures(world.daemon.api);
    for (const [name, trace] of Object.entries(traces)) kept[name as keyof typeof traces] = await keep(world, trace, 6);
  });
  afterAll(() => world.close());

  test('a retried success is no failure: of six transactions the one that never worked is kept', () => {
    expect(quoted).toBe(0);
    expect(failures.map(({ path, exchanges }) => [path, exchanges])).toEqual([['/gone', 1]]);
  });

  test.for([
    [
      'works',
      [
        [1, '503'],
        [2, '500'],
        [3, '200'],
      ],
    ],
    [
      'reset',
      [
        [1, undefined],
        [2, '200'],
      ],
    ],
    [
      'slow',
      [
        [1, undefined],
        [2, '200'],
      ],
    ],
    [
      'gone',
      [
        [1, undefined],
        [2, undefined],
        [3, undefined],
      ],
    ],
    [
      'grpc',
      [
        [1, '200'],
        [2, '200'],
      ],
    ],
  ] as const)('%s: one exchange, and its attempts', ([name, attempts]) => {
    const { exchanges, holes, summary } = kept[name] ?? { exchanges: [] };
    expect([exchanges.length, summary?.exchanges, holes]).toEqual([1, 1, []]);
    expect(told(exchanges[0])).toEqual(attempts);
  });

  test('show prints them under the call', () => {
    expect(kept.works?.lines).toEqual([
      ' front → app.test  POST /works  200',
      '   attempt 1: 503  addr',
      '   attempt 2: 500  addr',
      '   attempt 3: 200  addr',
    ]);
    expect(kept.slow?.lines.slice(1)).toEqual(['   attempt 1: no answer  addr', '   attempt 2: 200  addr']);
    expect(kept.gone?.lines).toEqual([
      ' front → gone.test  POST /gone  503 UF URX  ← began here',
      ...[1, 2, 3].map((number) => `   attempt ${number}: no answer  addr`),
    ]);
    expect(kept.grpc?.lines).toEqual([
      ' front → pricing.test  POST /shop.Pricing/Quote  200',
      '   attempt 1: 200 grpc 14 UNAVAILABLE  addr',
      '   attempt 2: 200  addr',
    ]);
  });

  test('an attempt without an answer lasts until the next one', () => {
    const [first, second] = kept.slow?.exchanges[0]?.attempts ?? [];
    expect(first?.endedAt).toBe(second?.startedAt);
    expect((first?.endedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThan(1_900);
  });

  test('two calls at once with one request id: each has its own', () => {
    const { exchanges, holes } = kept.fan ?? { exchanges: [] };
    expect([exchanges.length, holes]).toEqual([2, []]);
    expect(exchanges.map((exchange) => told(exchange)?.map(([number]) => number))).toEqual([
      [1, 2],
      [1, 2],
    ]);
    for (const exchange of exchanges) expect(told(exchange)?.at(-1)).toEqual([2, '200']);
  });

  test('bodies pass as before, an upgraded connection too', async () => {
    const large = randomBytes(3_000_000);
    world.app.on('/large', async (call) => {
      await call.whole();
      call.begin(200).end(large);
    });
    const call = new ClientCall(world.outbound, '/large', { host: 'app.test', method: 'PUT', body: large });
    await call.answered();
    expect(call.view().response?.bytes).toBe(large.length);
    expect(world.app.calls('/large')[0]?.view().request?.bytes).toBe(large.length);
    const server = new WebSocketServer({ noServer: true });
    world.app.onUpgrade('/chat', (request, raw, head) =>
      server.handleUpgrade(request, raw, head, (peer) => peer.on('message', (data) => peer.send(data as Buffer))),
    );
    const client = new WebSocket(new URL('/chat', world.outbound.replace('http', 'ws')), {
      headers: { host: 'app.test' },
    });
    await once(client, 'open');
    client.send('hello');
    const [said] = (await once(client, 'message')) as [Buffer];
    expect(said.toString()).toBe('hello');
    client.close();
    await once(client, 'close');
  });
});

describe('without the filter', () => {
  test('show says how many attempts there were', async () => {
    const world = await startWorld(false);
    try {
      world.app.on('/works', inTurn(answering(503, 'first'), answering(200, 'second')));
      const trace = newTrace();
      await ask(world, 'app.test', '/works', trace);
      const { exchanges, lines } = await keep(world, trace, 1);
      expect(exchanges).toMatchObject([{ attributes: { 'upstream.request_attempt_count': '2' } }]);
      expect(lines).toEqual([' front → app.test  POST /works  200  2 attempts']);
    } finally {
      await world.close();
    }
  });
});

describe('an Envoy that traces', () => {
  test('gives attempts a context of its own, and they are of their call all the same', async () => {
    const world = await startWorld(true, true);
    try {
      world.app.on('/works', inTurn(answering(503, 'first'), answering(200, 'second')));
      const trace = newTrace();
      await ask(world, 'app.test', '/works', trace);
      const { exchanges, holes } = await keep(world, trace, 1);
      expect(holes).toEqual([]);
      expect(exchanges.map(told)).toEqual([
        [
          [1, '503'],
          [2, '200'],
        ],
      ]);
    } finally {
      await world.close();
    }
  });
});
