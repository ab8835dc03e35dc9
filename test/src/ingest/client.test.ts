import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parseTransactionKey } from '../../../src/domain/ids.ts';
import type { TransactionKey } from '../../../src/domain/ids.ts';
import { startIngest } from '../../../src/ingest/client.ts';
import type { IngestConfig, IngestHandle, IngestStats } from '../../../src/ingest/client.ts';
import type { IngestError } from '../../../src/ingest/error.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { decodeMessage } from '../../../src/wire/extproc/decode.ts';
import { readRecords } from '../../../src/wire/segments/record.ts';
import { EnvoyCall, connectTo } from '../../support/extproc-client.ts';
import * as envoy from '../../support/extproc.ts';
import { ANY_PORT } from '../../support/ingest.ts';
import { until } from '../../support/until.ts';

const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const KEY = keyOf(`trace:${TRACE}`);

function keyOf(text: string): TransactionKey {
  const key = parseTransactionKey(text);
  if (key === undefined) throw new Error(`${text} is no key.`);
  return key;
}

/** Handlers that remember, and a wait for each kind. */
function listener() {
  const part = Promise.withResolvers<RecordedPart>();
  const stats = Promise.withResolvers<IngestStats>();
  const failure = Promise.withResolvers<IngestError>();
  const parts: RecordedPart[] = [];
  let last: IngestStats | undefined;
  return {
    parts,
    part: part.promise,
    stats: stats.promise,
    failure: failure.promise,
    last: () => last,
    onInspection: () => undefined,
    onPart: (value: RecordedPart) => {
      parts.push(value);
      part.resolve(value);
    },
    onStats: (value: IngestStats) => {
      last = value;
      stats.resolve(value);
    },
    onFailure: (error: IngestError) => failure.resolve(error),
  };
}

let handles: IngestHandle[] = [];
const open: ReturnType<typeof connectTo>[] = [];

async function start(handlers: ReturnType<typeof listener>, config: Partial<IngestConfig> = {}): Promise<IngestHandle> {
  const handle = await startIngest(
    { listen: [ANY_PORT], recorder: { ringBytes: 4 << 20, settleMs: 20 }, ...config },
    handlers,
  );
  handles.push(handle);
  return handle;
}

function call(handle: IngestHandle, index = 0): EnvoyCall {
  const address = handle.addresses[index];
  if (address === undefined) throw new Error('It does not listen there.');
  const session = connectTo(address);
  open.push(session);
  return new EnvoyCall(session, ORDERS);
}

const failed = () => [
  envoy.requestHeaders(
    { ':method': 'GET', ':path': '/orders/7', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
    { endOfStream: true },
  ),
  envoy.responseHeaders({ ':status': '500' }),
  envoy.responseBody('boom', { endOfStream: true }),
];

afterEach(async () => {
  for (const session of open.splice(0)) session.destroy();
  for (const handle of handles) await handle.stop();
  handles = [];
});

test('a failed exchange comes out as a part, byte for byte', async () => {
  const seen = listener();
  const handle = await start(seen);
  call(handle)
    .send(...failed())
    .finish();
  const part = await seen.part;
  expect(part).toMatchObject({ purpose: 'failure', transaction: KEY });
  const messages = readRecords(part.records).segments.filter((segment) => segment.kind === 'message');
  expect(messages.map((segment) => Uint8Array.from(segment.payload))).toEqual(failed());
  expect(messages.map((segment) => decodeMessage(segment.payload))).toMatchObject([
    { headers: [{ value: 'GET' }, { value: '/orders/7' }, {}] },
    {},
    {},
  ]);
});

test('all addresses are served, sockets and ports', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loop-ingest-'));
  const path = join(folder, 'sink.sock');
  const seen = listener();
  const handle = await start(seen, { listen: [{ kind: 'unix', path }, ANY_PORT] });
  expect(handle.addresses).toEqual([
    { kind: 'unix', path },
    { ...ANY_PORT, port: expect.any(Number) },
  ]);
  call(handle)
    .send(...failed())
    .finish();
  await seen.part;
  await handle.stop();
  await rm(folder, { recursive: true });
});

test('numbers come during a drain, too', async () => {
  const seen = listener();
  const handle = await start(seen, { drainMs: 10_000 });
  const exchange = call(handle).send(...failed().slice(0, 1));
  await seen.stats;
  const stopped = handle.stop();
  const before = seen.last();
  // It waits for the exchange, which waits for the numbers.
  await until(seen.last, (last) => last !== before);
  exchange.send(...failed().slice(1)).finish();
  await stopped;
  expect(seen.last()?.counters.callsEnded).toMatchObject({ closed: 1, shutdown: 0 });
});

test('numbers come every second', async () => {
  const seen = listener();
  const handle = await start(seen);
  call(handle)
    .send(...failed())
    .finish();
  const stats = await seen.stats;
  expect(stats.counters).toMatchObject({ callsOpened: 1, messages: 3, faults: 0 });
  expect(stats.recorder.historySeconds).toBeGreaterThan(0);
  expect(stats.loopDelayMs.max).toBeGreaterThan(0);
});

describe('stopping', () => {
  test('hands over what failed and has not settled, and ends what is open', async () => {
    const seen = listener();
    const handle = await start(seen, { recorder: { ringBytes: 4 << 20, settleMs: 600_000 } });
    const inFlight = call(handle).send(...failed());
    // The answer to a message in processing mode tells that everything before it was taken.
    const taken = call(handle).send(envoy.requestHeaders({}, { observabilityMode: false }));
    await Promise.all([inFlight.send(envoy.requestBody('', { observabilityMode: false })).reply(), taken.reply()]);
    await Promise.all([handle.stop(), handle.stop()]);
    expect(seen.parts.map((part) => [part.purpose, part.transaction])).toEqual([['failure', KEY]]);
    expect(seen.last()?.counters.callsEnded).toMatchObject({ shutdown: 2 });
  });
});

test('keep copies out a transaction that went well', async () => {
  const seen = listener();
  const handle = await start(seen);
  const good = call(handle).send(
    envoy.requestHeaders(
      { ':path': '/', traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
      { observabilityMode: false },
    ),
  );
  await good.reply();
  handle.keep(KEY);
  good.send(envoy.responseHeaders({ ':status': '200' }, { endOfStream: true, observabilityMode: false })).finish();
  expect(await seen.part).toMatchObject({ transaction: KEY });
});

describe('failures', () => {
  test('an address that is taken is said with its name', async () => {
    const seen = listener();
    const { addresses } = await start(seen);
    await expect(startIngest({ listen: addresses }, seen)).rejects.toMatchObject({
      code: 'listen-failed',
      message: expect.stringContaining('EADDRINUSE'),
      hint: expect.any(String),
    });
  });

  test('a thread that does not come up', async () => {
    const entry = new URL('data:text/javascript,throw new Error("no memory")');
    await expect(startIngest({ listen: [] }, listener(), entry)).rejects.toMatchObject({
      code: 'thread-failed',
      message: expect.stringContaining('no memory'),
    });
  });

  test('a thread that dies later is told once, with what it said; stopping it is no trouble', async () => {
    const seen = listener();
    const source = `import { parentPort } from 'node:worker_threads';
      parentPort.postMessage({ kind: 'listening', addresses: [] });
      parentPort.once('message', () => { throw new Error('the ring is broken'); });`;
    const handle = await startIngest(
      { listen: [] },
      seen,
      new URL(`data:text/javascript,${encodeURIComponent(source)}`),
    );
    handle.keep(KEY);
    expect(await seen.failure).toMatchObject({
      code: 'thread-failed',
      message: expect.stringContaining('the ring is broken'),
    });
    await handle.stop();
  });
});
