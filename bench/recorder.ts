// What an exchange costs in the recorder: from the messages of its call to the verdict and the toss, without a transport. Flat is what it should be.
//   npm run -s bench:recorder -- --json > bench/results/recorder.json
//   node bench/recorder.ts --quick
// One thing grows, the rest stays: 10,000 live transactions (1,000 where answers grow), an answer of 0.2 KB, one instance. The clock is moved by hand, so that as many
// transactions live as are meant to, however busy the machine is: the index holds so many and forgets the oldest for each that comes.
// Rounds are interleaved. `micros` is CPU time of the thread; `processMicros` has what collects garbage beside it too.
import { setImmediate as turn } from 'node:timers/promises';
import { PerformanceObserver } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseRecorderId } from '../src/domain/ids.ts';
import { createCounters } from '../src/ingest/counters.ts';
import { acceptInto } from '../src/ingest/session.ts';
import { Recorder } from '../src/recorder/recorder.ts';
import { ManualTime } from '../test/support/manual-time.ts';
import { environment, rounded, spread } from './load/numbers.ts';
import { batchOf, metadataOf } from './recorder/exchanges.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const BATCH = 50;
const MEASURED = values.quick ? 20_000 : 100_000;
/** Takes two streams and transactions at most, as the index counts them. */
const BYTES_PER_TRANSACTION = 1800;
/** So long a transaction lives in the index; a second of it until it is settled. */
const LIVES_MS = 3000;

interface Point {
  readonly axis: 'live transactions' | 'answer KB' | 'instances';
  readonly value: number;
  readonly live: number;
  readonly answerBytes: number;
  readonly instances: number;
}

const USUAL = { live: 10_000, answerBytes: 200, instances: 1 };
const POINTS: readonly Point[] = [
  ...[1000, 10_000, 50_000].map((live) => ({ ...USUAL, axis: 'live transactions' as const, value: live, live })),
  ...[0.2, 16, 256].map((value) => ({
    ...USUAL,
    axis: 'answer KB' as const,
    value,
    live: 1000,
    answerBytes: Math.round(value * 1024),
  })),
  ...[1, 10, 200].map((instances) => ({ ...USUAL, axis: 'instances' as const, value: instances, instances })),
];

interface Measured {
  /** CPU of the thread, and of the process, per exchange. */
  readonly micros: number;
  readonly processMicros: number;
  /** Milliseconds of standing still to collect garbage, per second of its work. */
  readonly gcMs: number;
  readonly live: number;
  /** Of the heap, per live transaction. */
  readonly heapBytes: number;
}

/** Set in `detail.flags` of a collection that was asked for. */
const FORCED = 4;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
let gcMs = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!isForced(entry)) gcMs += entry.duration;
}).observe({ entryTypes: ['gc'] });

function isForced(entry: object): boolean {
  const { detail } = entry as { readonly detail?: { readonly flags?: number } };
  return ((detail?.flags ?? 0) & FORCED) !== 0;
}

/** Of a record beside its message, and of the records in which a call begins and ends. */
const RECORD_BYTES = 48;
const CALL_BYTES = 512;
const LEAST_RING = 64 * 1024 * 1024;

/** The ring holds all that lives, and a quarter more: it is the index that forgets. */
function ringBytes({ live }: Point, messages: readonly Uint8Array[]): number {
  const bytes = messages.reduce((sum, message) => sum + message.length + RECORD_BYTES, CALL_BYTES);
  return Math.max(LEAST_RING, Math.ceil(live * bytes * 1.25));
}

function recorderOf(point: Point, messages: readonly Uint8Array[], time: ManualTime): Recorder {
  const recorderId = parseRecorderId('00000000000000aa');
  if (recorderId === undefined) throw new Error('Sixteen digits are a recorder id.');
  return new Recorder({
    recorderId,
    clock: time,
    schedule: time.schedule,
    emit: () => undefined,
    inspect: () => undefined,
    ringBytes: ringBytes(point, messages),
    indexBytes: point.live * BYTES_PER_TRANSACTION,
  });
}

async function measure(point: Point): Promise<Measured> {
  const time = new ManualTime();
  collectGarbage();
  const heapBefore = process.memoryUsage().heapUsed;
  const batch = batchOf(BATCH, point.answerBytes);
  const recorder = recorderOf(point, batch.exchanges[0] ?? [], time);
  const accept = acceptInto(recorder, createCounters());
  const callers = Array.from({ length: point.instances }, (_none, instance) => metadataOf(instance));
  let next = 0;
  const pass = (): void => {
    time.advance((LIVES_MS / point.live) * BATCH);
    for (const messages of batch.exchanges) {
      const call = accept('exchange', callers[next++ % callers.length] ?? [], 1);
      for (const message of messages) call.message(message);
      call.ended('closed');
    }
  };
  // Twice what lives, so that the index is full and the ring has gone round.
  for (let sent = 0; sent < 2 * point.live; sent += BATCH) {
    batch.renew();
    pass();
  }
  await turn();
  gcMs = 0;
  const beside = process.cpuUsage();
  const own = process.threadCpuUsage();
  let worked = 0;
  for (let sent = 0; sent < MEASURED; sent += BATCH) {
    batch.renew();
    const before = process.threadCpuUsage();
    pass();
    worked += total(process.threadCpuUsage(before));
    if (sent % 1000 === 0) await turn();
  }
  const others = total(process.cpuUsage(beside)) - total(process.threadCpuUsage(own));
  await turn();
  const collected = gcMs;
  collectGarbage();
  const live = recorder.stats().transactions;
  if (live < 0.9 * point.live)
    throw new Error(`${point.axis} ${point.value}: ${live} transactions live, not ${point.live}.`);
  const heapBytes = (process.memoryUsage().heapUsed - heapBefore) / live;
  recorder.close();
  return {
    micros: worked / MEASURED,
    processMicros: (worked + others) / MEASURED,
    gcMs: (collected / (worked / 1000)) * 1000,
    live,
    heapBytes,
  };
}

function total({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

async function main(): Promise<void> {
  const [warm] = POINTS;
  if (warm !== undefined) await measure(warm);
  const measured = new Map<Point, Measured[]>(POINTS.map((point) => [point, []]));
  for (let round = 0; round < rounds; round++)
    for (const point of POINTS) {
      const one = await measure(point);
      measured.get(point)?.push(one);
      process.stderr.write(`${point.axis} ${point.value}: ${rounded(one.micros)} µs, ${one.live} live\n`);
    }
  const rows = [...measured].map(([{ axis, value }, own]) => ({
    axis,
    value,
    microsPerExchange: spread(own.map(({ micros }) => micros)),
    processMicrosPerExchange: spread(own.map(({ processMicros }) => processMicros)).median,
    gcMsPerSecond: spread(own.map((one) => one.gcMs)).median,
    live: spread(own.map(({ live }) => live)).median,
    heapBytesPerTransaction: Math.round(spread(own.map(({ heapBytes }) => heapBytes)).median),
  }));
  if (values.json)
    process.stdout.write(`${JSON.stringify({ rounds, environment: environment(), rows }, undefined, 1)}\n`);
}

await main();
