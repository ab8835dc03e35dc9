// Every kind of HTTP exchange through a real Envoy: kept or tossed as it should be, and captured, before redaction, as its client and its service saw it.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import type { Exchange } from '../../src/domain/exchange.ts';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import type { TransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { bentSidecar, refusingFilter } from '../support/bent-sidecar.ts';
import { ClientCall } from '../support/exchanges/client.ts';
import type { Asked } from '../support/exchanges/client.ts';
import { callGrpc, startGrpcService } from '../support/exchanges/grpc.ts';
import type { GrpcMethod, GrpcService } from '../support/exchanges/grpc.ts';
import { startService } from '../support/exchanges/service.ts';
import type { Behaviour, TestService } from '../support/exchanges/service.ts';
import { capturedView, half } from '../support/exchanges/view.ts';
import type { Pairs, View } from '../support/exchanges/view.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { allFailures, decided, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

/** What both ends saw. A service that was never reached saw nothing. */
interface Witnesses {
  readonly client: View;
  readonly service?: View;
}

interface Kind {
  readonly name: string;
  readonly run: (bench: Bench, path: string) => Promise<Witnesses>;
  /** Undefined: tossed. */
  readonly kept?: { readonly kind: string; readonly summary: string };
  readonly status?: number;
  /** What of the exchange the filter never sees, although client and service do. */
  readonly unseen?: 'request' | 'request body';
  /** Envoy gave the answer, or its client no longer took it: the service's own is not what is recorded. */
  readonly answeredByEnvoy?: true;
  /** What is special in the captured exchange. */
  readonly shows?: (exchange: Exchange) => void;
}

class Bench {
  inbound = '';
  outbound = '';
  readonly app: TestService;
  readonly grpc: GrpcService;
  readonly #ids = new Map<string, { readonly trace: string; readonly requestId: string }>();

  constructor(app: TestService, grpc: GrpcService) {
    this.app = app;
    this.grpc = grpc;
  }

  /** Trace and request id of the exchange on a path. */
  idsOf(path: string): { readonly trace: string; readonly requestId: string } {
    const ids = this.#ids.get(path) ?? {
      trace: randomBytes(16).toString('hex'),
      requestId: `r${path.replaceAll('/', '-')}`,
    };
    this.#ids.set(path, ids);
    return ids;
  }

  headersOf(path: string): Record<string, string> {
    const { trace, requestId } = this.idsOf(path);
    return { traceparent: `00-${trace}-00000000000000ab-01`, 'x-request-id': requestId };
  }

  ask(listener: 'inbound' | 'outbound', path: string, asked: Asked = {}): ClientCall {
    return new ClientCall(this[listener], path, { ...asked, headers: { ...this.headersOf(path), ...asked.headers } });
  }

  witnesses(path: string, call: ClientCall): Witnesses {
    const service = this.app.calls(path).at(-1)?.view();
    return { client: call.view(), ...(service && { service }) };
  }
}

/** Asks, waits for the whole answer, and for nothing else. */
function simply(listener: 'inbound' | 'outbound', asked: Asked, behaviour?: Behaviour): Kind['run'] {
  return async (bench, path) => {
    if (behaviour !== undefined) bench.app.on(path, behaviour);
    const call = bench.ask(listener, path, { body: Buffer.alloc(0), ...asked });
    await call.answered();
    return bench.witnesses(path, call);
  };
}

function answering(status: number, body = '', headers: Pairs = []): Behaviour {
  return async (call) => {
    await call.whole();
    call.begin(status, [['content-type', 'text/plain'], ...headers]).end(Buffer.from(body));
  };
}

/** Answers from a list, one after the other. */
function inTurn(...behaviours: readonly Behaviour[]): Behaviour {
  let turn = 0;
  return (call) => behaviours[turn++]?.(call);
}

const grpc =
  (method: GrpcMethod): Kind['run'] =>
  async (bench, path) => {
    const headers: Pairs = [...Object.entries(bench.headersOf(path)), ['x-own', path]];
    const client = await callGrpc(bench.outbound, 'grpc.test', method, headers, Buffer.from('hello '.repeat(1000)));
    return { client, service: bench.grpc.view() };
  };

const UNUSUAL = {
  'x-twice': ['first', 'second'],
  'x-empty': '',
  'x-latin': 'caf\u00e9',
  cookie: 'a=1; b=2',
  'content-type': 'application/json',
};

const KINDS: readonly Kind[] = [
  {
    name: '200 with bodies and unusual headers',
    status: 200,
    run: simply(
      'inbound',
      { method: 'POST', headers: UNUSUAL, body: Buffer.from('{"sku":1}') },
      answering(200, 'done', [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]),
    ),
  },
  {
    name: '200 with trailers',
    status: 200,
    run: simply('inbound', { headers: { te: 'trailers' } }, async (call) => {
      await call.whole();
      call
        .begin(200, [['trailer', 'x-sum']])
        .write(Buffer.from('body'))
        .end(Buffer.alloc(0), [['x-sum', '4']]);
    }),
  },
  { name: '404 from the service', status: 404, run: simply('inbound', {}, answering(404, 'nothing here')) },
  {
    name: '500 from the service',
    status: 500,
    run: simply('inbound', { method: 'POST', body: Buffer.from('x') }, answering(500, 'it broke')),
    kept: { kind: 'status', summary: '500 Internal Server Error' },
  },
  {
    name: '503 with no upstream',
    status: 503,
    run: simply('outbound', { host: 'gone.test', method: 'POST', body: Buffer.from('anyone?') }),
    kept: { kind: 'unavailable', summary: '503 UF (connection refused)' },
  },
  {
    name: '504 by route timeout',
    status: 504,
    run: async (bench, path) => {
      bench.app.on(path, () => undefined);
      const call = bench.ask('outbound', path, {
        host: 'slow.test',
        method: 'POST',
        body: Buffer.from('take your time'),
      });
      await call.answered();
      return bench.witnesses(path, call);
    },
    kept: { kind: 'timeout', summary: '504 UT (response timeout)' },
    answeredByEnvoy: true,
  },
  {
    name: '403 by a filter before the capturing one',
    status: 403,
    run: simply('inbound', { method: 'POST', headers: { 'x-refused': 'front' }, body: Buffer.from('let me in') }),
    unseen: 'request',
    shows: (exchange) =>
      expect(exchange.attributes).toMatchObject({ 'request.method': 'POST', 'response.code_details': 'lua_response' }),
  },
  {
    name: '500 by a filter before the capturing one',
    status: 500,
    run: simply('inbound', { headers: { 'x-refused': 'front', 'x-status': '500' } }),
    unseen: 'request',
    kept: { kind: 'status', summary: '500 Internal Server Error' },
  },
  {
    name: '403 by a filter behind the capturing one',
    status: 403,
    run: simply('inbound', { method: 'POST', headers: { 'x-refused': 'behind' }, body: Buffer.from('let me in') }),
    unseen: 'request body',
    shows: ({ request }) => expect(request).toMatchObject({ complete: false, body: [] }),
  },
  {
    name: 'reset in mid response',
    status: 200,
    run: async (bench, path) => {
      bench.app.on(path, async (call) => {
        call.begin(200, [['content-length', '1000']]).write(Buffer.from('only a part'));
        await call.received(0);
        call.breakOff();
      });
      const call = bench.ask('inbound', path, { body: Buffer.alloc(0) });
      await call.closed();
      return bench.witnesses(path, call);
    },
    kept: { kind: 'reset', summary: '200 answer cut off before its end' },
  },
  {
    name: 'client gone in mid request',
    run: async (bench, path) => {
      const arrived = Promise.withResolvers<void>();
      bench.app.on(path, async (call) => {
        await call.received(9);
        arrived.resolve();
      });
      const call = bench.ask('inbound', path, { method: 'POST', headers: { 'content-length': '1000' } });
      call.write(Buffer.from('the first'));
      await arrived.promise;
      call.leave();
      await bench.app.calls(path)[0]?.over();
      return bench.witnesses(path, call);
    },
  },
  {
    name: 'client gone while it waits',
    run: async (bench, path) => {
      const arrived = Promise.withResolvers<void>();
      bench.app.on(path, () => arrived.resolve());
      const call = bench.ask('inbound', path, { body: Buffer.alloc(0) });
      await arrived.promise;
      call.leave();
      await bench.app.calls(path)[0]?.over();
      return bench.witnesses(path, call);
    },
  },
  {
    // Only the access log tells it from an upstream that broke off.
    name: 'client gone in mid answer',
    status: 200,
    run: async (bench, path) => {
      bench.app.on(path, (call) => void call.begin(200, [['content-length', '1000']]).write(Buffer.from('half of it')));
      const call = bench.ask('inbound', path, { body: Buffer.alloc(0) });
      await call.received(10);
      call.leave();
      await bench.app.calls(path)[0]?.over();
      return bench.witnesses(path, call);
    },
    shows: ({ flags, logged }) => expect({ flags, logged }).toEqual({ flags: ['DC'], logged: true }),
  },
  ...[413, 500].map((status): Kind => ({
    name: `${status} complete before its upload`,
    status,
    run: async (bench, path) => {
      bench.app.on(path, async (call) => {
        await call.received(9);
        call.begin(status, [['x-own', 'early']]).end(Buffer.from('enough'));
      });
      const call = bench.ask('inbound', path, { method: 'POST', headers: { 'content-length': '100000' } });
      call.write(Buffer.from('the first'));
      await call.answered();
      call.leave();
      await bench.app.calls(path)[0]?.over();
      return bench.witnesses(path, call);
    },
    ...(status === 500 && { kept: { kind: 'status', summary: '500 Internal Server Error' } }),
  })),
  {
    name: 'three retries, the last one works',
    status: 200,
    run: simply(
      'outbound',
      { host: 'flaky.test', method: 'POST', body: Buffer.from('again') },
      inTurn(answering(503), answering(500), answering(502), answering(200, 'at last')),
    ),
    shows: (exchange) => expect(exchange.attributes['upstream.request_attempt_count']).toBe('4'),
  },
  {
    name: 'three retries, all in vain',
    status: 500,
    run: simply(
      'outbound',
      { host: 'flaky.test', method: 'POST', body: Buffer.from('again') },
      inTurn(answering(503), answering(500), answering(502), answering(500, 'the last word')),
    ),
    kept: { kind: 'status', summary: '500 URX' },
    shows: (exchange) => expect(exchange.attributes['upstream.request_attempt_count']).toBe('4'),
  },
  { name: 'gRPC OK', status: 200, run: grpc('Works') },
  {
    name: 'gRPC error in the trailers',
    status: 200,
    run: grpc('Fails'),
    kept: { kind: 'status', summary: 'grpc 13 INTERNAL' },
  },
  { name: 'gRPC, trailers only', status: 200, run: grpc('Refuses') },
  {
    name: 'gRPC with no upstream: the 503 hides behind a 200',
    status: 200,
    run: async (bench, path) => {
      const headers: Pairs = Object.entries(bench.headersOf(path));
      return { client: await callGrpc(bench.outbound, 'gone.test', 'Works', headers, Buffer.from('anyone?')) };
    },
    kept: { kind: 'unavailable', summary: '503 UF (connection refused)' },
  },
  {
    name: 'WebSocket, clean close',
    status: 101,
    run: webSocket,
    shows: (exchange) => expect(exchange.end).toBe('closed'),
  },
  {
    name: 'server-sent events, the client leaves',
    status: 200,
    run: async (bench, path) => {
      bench.app.on(path, async (call) => {
        call.begin(200, [['content-type', 'text/event-stream']]);
        for (let index = 0; index < 5; index++) call.write(Buffer.from(`data: ${index}\n\n`));
      });
      const call = bench.ask('inbound', path, { body: Buffer.alloc(0) });
      await call.received(5 * 'data: 0\n\n'.length);
      call.leave();
      await bench.app.calls(path)[0]?.over();
      return bench.witnesses(path, call);
    },
  },
  {
    name: '10 MB both ways',
    status: 200,
    run: simply('inbound', { method: 'PUT', body: randomBytes(10_000_000) }, async (call) => {
      await call.whole();
      call.begin(200).end(randomBytes(10_000_000));
    }),
  },
];

/** Text and binary both ways, and a close that both sides agree on. Bytes are those the other end's socket got. */
async function webSocket(bench: Bench, path: string): Promise<Witnesses> {
  const server = new WebSocketServer({ noServer: true });
  const fromClient: Buffer[] = [];
  const fromServer: Buffer[] = [];
  const over = Promise.withResolvers<void>();
  bench.app.onUpgrade(path, (request, raw, head) => {
    // Copied: ws unmasks in place.
    raw.on('data', (chunk: Buffer) => fromClient.push(Buffer.from(chunk)));
    server.handleUpgrade(request, raw, head, (peer) => {
      peer.on('message', (data, binary) => peer.send(data as Buffer, { binary }));
      peer.on('close', () => over.resolve());
    });
  });
  const client = new WebSocket(new URL(path, bench.inbound.replace('http', 'ws')), {
    headers: bench.headersOf(path),
    perMessageDeflate: false,
  });
  client.on('upgrade', ({ socket: raw }: { readonly socket: Socket }) =>
    raw.on('data', (chunk: Buffer) => fromServer.push(Buffer.from(chunk))),
  );
  await once(client, 'open');
  for (const message of ['hello', randomBytes(100_000)]) {
    client.send(message);
    await once(client, 'message');
  }
  client.close(1000);
  await Promise.all([once(client, 'close'), over.promise]);
  const headers: Pairs = Object.entries(bench.headersOf(path));
  return { client: { request: half(headers, fromClient), status: 101, response: half([], fromServer) } };
}

interface Outcome {
  readonly kind: Kind;
  readonly witnesses: Witnesses;
  /** As it was before anyone asked for more. */
  readonly listed: LoopSummary | undefined;
  readonly exchange: Exchange | undefined;
  readonly holes: readonly string[];
}

const pathOf = (kind: Kind): string => `/${kind.name.replaceAll(/[^\w]+/g, '-')}`;

describe('every kind of exchange', () => {
  const outcomes = new Map<string, Outcome>();
  let daemon: TestLoopd;
  let envoy: RunningEnvoy;
  let app: TestService;
  let grpcService: GrpcService;

  beforeAll(async () => {
    daemon = await startTestLoopd();
    app = await startService();
    grpcService = await startGrpcService();
    envoy = await startEnvoy(sidecar(daemon, app, grpcService));
    const bench = new Bench(app, grpcService);
    bench.inbound = await envoy.listener('inbound');
    bench.outbound = await envoy.listener('outbound');
    const witnesses = new Map<Kind, Witnesses>();
    for (const kind of KINDS) witnesses.set(kind, await kind.run(bench, pathOf(kind)));
    await decided(daemon, KINDS.length);

    const failures = await allFailures(daemon.api);
    const keysOf = (kind: Kind): readonly string[] => {
      const { trace, requestId } = bench.idsOf(pathOf(kind));
      return [`trace:${trace}`, `request:${requestId}`];
    };
    const loopOf = (kind: Kind, loops: readonly LoopSummary[]) =>
      loops.find((loop) => keysOf(kind).includes(loop.transaction));
    // What was tossed is still in the flight recorder: it is kept now, so that its bytes can be looked at.
    for (const key of KINDS.filter((kind) => loopOf(kind, failures) === undefined).flatMap(keysOf))
      daemon.loopd.keep(keyFrom(key));
    const all = await until(
      () => allFailures(daemon.api),
      (loops) => loops.length >= KINDS.length,
    );
    for (const kind of KINDS) {
      const loop = loopOf(kind, all);
      const opened = loop && (await openLoop(daemon.api, loop.id)).transaction;
      outcomes.set(kind.name, {
        kind,
        witnesses: witnesses.get(kind) ?? { client: {} },
        listed: loopOf(kind, failures),
        exchange: opened?.exchanges[0],
        holes: opened?.holes.map(({ what }) => what) ?? ['was not recorded'],
      });
    }
  });

  afterAll(async () => {
    await envoy.stop();
    grpcService.close();
    await app.close();
    await daemon.close();
  });

  describe.each(KINDS)('$name', ({ name, kept, status, unseen, answeredByEnvoy, shows }) => {
    const outcome = (): Outcome => {
      const found = outcomes.get(name);
      if (found === undefined) throw new Error(`${name} did not run`);
      return found;
    };

    test(kept === undefined ? 'is tossed' : `is kept: ${kept.kind}`, () => {
      expect(verdictOn(outcome().listed)).toEqual(
        kept === undefined ? 'tossed' : { outcome: 'failed', status, origin: { service: 'front', ...kept } },
      );
    });

    test('is captured as client and service saw it', () => {
      const { exchange, holes, witnesses } = outcome();
      if (exchange === undefined) throw new Error('nothing was captured');
      const captured = capturedView(exchange);
      expect(holes).toEqual([]);
      expect(captured).toEqual(expected(witnesses.client, unseen));
      const { request, ...answer } = witnesses.service ?? {};
      expect(captured).toMatchObject({ ...(request && { request }), ...(answeredByEnvoy !== true && answer) });
      shows?.(exchange);
    });
  });

  test('and nothing was lost on the way', async () => {
    expect(daemon.complaints).toEqual([]);
    const named = await envoy.stats('ext_proc.*(stream_msgs_sent|failure_mode_allowed|streams_failed)$');
    const sum = (end: string): number =>
      Object.entries(named).reduce((total, [name, value]) => total + (name.endsWith(end) ? value : 0), 0);
    expect({ allowed: sum('failure_mode_allowed'), failed: sum('streams_failed') }).toEqual({ allowed: 0, failed: 0 });
    const stats = await until(
      () => daemon.loopd.stats(),
      (seen) => seen?.counters.messages === sum('stream_msgs_sent'),
    );
    expect(stats?.counters).toMatchObject({ faults: 0, refused: { protocol: 0, method: 0, oversized: 0, unread: 0 } });
    expect(stats?.recorder.fates).toMatchObject({ shed: { segments: 0 }, overwritten: { segments: 0 } });
  });
});

describe('a trace that Envoy itself starts', () => {
  test('names the transaction', async () => {
    const daemon = await startTestLoopd();
    const app = await startService();
    const envoy = await startEnvoy(
      bentSidecar(
        {
          speaker: { service: 'traced', instance: 'traced-1' },
          sink: daemon.sink,
          envoyVersion: { major: 1, minor: 40 },
          admin: socket('127.0.0.1', 0),
          inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app.port) },
        },
        { tracing: true, patient: true },
      ),
    );
    try {
      let trace = '';
      app.on('/fails', async (call) => {
        trace =
          call
            .view()
            .request?.headers.find((line) => line.startsWith('traceparent: '))
            ?.split('-')[1] ?? '';
        await answering(500)(call);
      });
      await new ClientCall(await envoy.listener('inbound'), '/fails', { body: Buffer.alloc(0) }).answered();
      await decided(daemon, 1);
      expect(await allFailures(daemon.api)).toMatchObject([{ transaction: `trace:${trace}`, outcome: 'failed' }]);
    } finally {
      await envoy.stop();
      await app.close();
      await daemon.close();
    }
  });
});

function verdictOn(listed: LoopSummary | undefined): unknown {
  if (listed === undefined) return 'tossed';
  const { outcome, status, origin } = listed;
  return { outcome, status, origin: { service: origin?.service, kind: origin?.kind, summary: origin?.summary } };
}

/** What the recording of a client's exchange holds when the filter does not see all of it. */
function expected({ request, ...answer }: View, unseen: Kind['unseen']): View {
  if (unseen === 'request' || request === undefined) return answer;
  return { request: unseen === 'request body' ? { ...request, ...pickBody(half([], [])) } : request, ...answer };
}

function pickBody({ bytes, sha256 }: { readonly bytes: number; readonly sha256: string }) {
  return { bytes, sha256 };
}

function sidecar({ sink }: TestLoopd, app: TestService, grpcService: GrpcService): string {
  const to = (name: string, port: number, timeoutSeconds?: number) => ({
    name,
    hosts: [`${name}.test`],
    address: socket('127.0.0.1', port),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  });
  return bentSidecar(
    {
      speaker: { service: 'front', instance: 'front-1' },
      sink,
      envoyVersion: { major: 1, minor: 40 },
      admin: socket('127.0.0.1', 0),
      inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app.port) },
      outbound: {
        listen: socket('127.0.0.1', 0),
        // Nobody listens on port 1.
        upstreams: [to('slow', app.port, 0.3), to('flaky', app.port), to('gone', 1), to('grpc', grpcService.port)],
      },
    },
    {
      front: [refusingFilter('front')],
      behind: [refusingFilter('behind')],
      retries: {
        flaky: { retry_on: '5xx', num_retries: 3, retry_back_off: { base_interval: '0.01s', max_interval: '0.02s' } },
      },
      patient: true,
    },
  );
}

function keyFrom(text: string): TransactionKey {
  const key = parseTransactionKey(text);
  if (key === undefined) throw new Error(`${text} is no key of a transaction`);
  return key;
}
