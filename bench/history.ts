// What does the history behind the ring cost, and how far back does it reach? One run, two recorders in turn on the same traffic: with and without.
//   node bench/history.ts --seconds 10
// The traffic is shaped like the shop's: exchanges of a few kilobytes, and commands on a connection meanwhile, as fast as one thread takes them in.
// Slices alternate, so that whatever else the machine does meets both. One JSON object on stdout. Exit code 1 when anything was lost, or it cost
// more than a third.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SLOT_BYTES } from '../src/history/block.ts';
import { startHistory } from '../src/history/client.ts';
import type { HistoryStats } from '../src/history/client.ts';
import { parseRecorderId } from '../src/domain/ids.ts';
import { listenToHistory, linkTo } from '../src/ingest/history-link.ts';
import { Recorder } from '../src/recorder/recorder.ts';
import { createScannedMessage, scanMessage } from '../src/wire/extproc/scan.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../test/support/extproc.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const SLICE_MS = 250;
const RING = 16 * MIB;
const HISTORY = 256 * MIB;
/** Bytes of records a second, for how long a GiB lasts: what the shop sends is told by bench/soak.ts. */
const BYTES_PER_SECOND = 1_000_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, rate: { type: 'string', default: '1000' } },
});

const pause = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};
const clock = { now: () => performance.timeOrigin + performance.now() };

interface Side {
  readonly name: string;
  readonly recorder: Recorder;
  exchanges: number;
  ms: number;
  readonly delays: number[];
}

function side(name: string, more: Partial<ConstructorParameters<typeof Recorder>[0]>): Side {
  const recorderId = parseRecorderId('00000000000000aa');
  if (recorderId === undefined) throw new Error('not a recorder id');
  const recorder = new Recorder({
    ringBytes: RING,
    recorderId,
    clock,
    schedule: pause,
    emit: () => undefined,
    ...more,
  });
  return { name, recorder, exchanges: 0, ms: 0, delays: [] };
}

const scanned = createScannedMessage();
const body = 'x'.repeat(1_200);

function send(recorder: Recorder, stream: number, bytes: Uint8Array): void {
  const found = scanMessage(bytes, scanned);
  if (!('fault' in found)) recorder.message(stream, bytes, found);
}

function exchange({ recorder }: Side, number: number): void {
  const trace = number.toString(16).padStart(32, '0');
  const vantage = { service: 'orders', instance: 'orders-1', direction: 'inbound' as const };
  const stream = recorder.opened({
    metadata: [{ name: 'x-loop-service', value: 'orders' }],
    vantage,
    protocol: 'http',
  });
  send(
    recorder,
    stream,
    requestHeaders({ ':method': 'POST', ':path': `/orders/${number}`, traceparent: `00-${trace}-00000000000000ab-01` }),
  );
  send(recorder, stream, requestBody(body, { endOfStream: true }));
  send(recorder, stream, responseHeaders({ ':status': '200', 'content-type': 'application/json' }));
  send(recorder, stream, responseBody(body, { endOfStream: true }));
  recorder.ended(stream, 'closed');
}

/** As many exchanges as fit into a slice, or as are due; the event loop turns in between, as it does between reads of a socket. */
async function slice(one: Side, perSecond: number): Promise<void> {
  const began = performance.now();
  for (let done = 0; performance.now() - began < SLICE_MS;) {
    const before = performance.now();
    const due = Math.min(16, ((before - began) * perSecond) / 1000 - done);
    for (let index = 0; index < due; index++) exchange(one, one.exchanges + index);
    done += Math.max(0, Math.ceil(due));
    one.exchanges += Math.max(0, Math.ceil(due));
    await turn();
    one.delays.push(performance.now() - before);
  }
  one.ms += performance.now() - began;
}

function told({ name, exchanges, ms, delays }: Side) {
  const sorted = delays.toSorted((one, other) => one - other);
  const at = (share: number): number => round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return {
    name,
    exchangesPerSecond: Math.round((exchanges * 1000) / ms),
    delayMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

async function compare(sides: readonly [Side, Side], perSecond: number) {
  for (const one of sides) Object.assign(one, { ms: 0, delays: [], from: one.exchanges });
  const before = sides.map(({ exchanges }) => exchanges);
  const until = performance.now() + Number(values.seconds) * 1000;
  while (performance.now() < until) for (const one of sides) await slice(one, perSecond);
  return sides.map((one, index) => told({ ...one, exchanges: one.exchanges - (before[index] ?? 0) }));
}

async function main(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'loop-history-'));
  let stats: HistoryStats | undefined;
  const history = await startHistory(
    { file: join(directory, 'history'), bytes: HISTORY },
    {
      onPart: () => undefined,
      onStats: (latest) => (stats = latest),
      onFailure: (error) => process.stderr.write(`${error.message}\n`),
    },
  );
  const [port] = history.recorders;
  const behind = side('with', port === undefined ? {} : { history: linkTo(port) });
  const leave = listenToHistory(behind.recorder, port);
  const sides = [behind, side('without', {})] as const;
  const steady = await compare(sides, Number(values.rate));
  const dropped = behind.recorder.stats().spill?.dropped.segments ?? 0;
  const flood = await compare(sides, Infinity);
  await delay(1_500);
  const spill = behind.recorder.stats().spill;
  for (const { recorder } of sides) recorder.close();
  leave();
  await history.stopped();
  rmSync(directory, { recursive: true, force: true });
  const ratio = round((flood[0]?.exchangesPerSecond ?? 0) / (flood[1]?.exchangesPerSecond ?? 1));
  // A block on disk is as long as what fits into it.
  const fullness = (stats?.bytes ?? 0) / ((stats?.blocks.held ?? 1) * SLOT_BYTES);
  const result = {
    steady,
    steadyDroppedSegments: dropped,
    flood,
    floodRatio: ratio,
    floodDroppedShare: round((spill?.dropped.bytes ?? 0) / ((spill?.dropped.bytes ?? 0) + (spill?.passed.bytes ?? 1))),
    tableMibPerGib: round(((stats?.tableBytes ?? 0) / (stats?.bytes ?? 1)) * 1024),
    /** Of a GiB of the file, by records of a megabyte a second. */
    minutesPerGib: round((GIB * fullness) / BYTES_PER_SECOND / 60),
  };
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  return dropped === 0 && ratio > 2 / 3;
}

process.exitCode = (await main()) ? 0 : 1;
