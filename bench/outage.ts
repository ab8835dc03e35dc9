// An outage: one failure again and again, thousands a minute. Exactly the budget's loops are kept whole, every one is counted, and loopd stays
// small and quick; a different failure in the middle is kept, and a second bug that looks the same from outside is found.
//   node bench/outage.ts --failures 20000 --seconds 60 -o json
// Progress on stderr; one JSON object on stdout at the end. Exit code 1 when anything is amiss.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LoopSummary } from '../src/domain/loop.ts';
import type { FingerprintSummary } from '../src/domain/fingerprint.ts';
import type { ChildLoopd } from '../test/support/child-loopd.ts';
import { startChildLoopd } from '../test/support/child-loopd.ts';
import { connectTo } from '../test/support/extproc-client.ts';
import { EXCHANGES, failures, sendOutage } from '../test/support/outage-load.ts';
import type { FailingCall } from '../test/support/outage-load.ts';
import { allFailures } from '../test/support/test-loopd.ts';
import { until } from '../test/support/until.ts';

const SAMPLE_MS = 500;
const CONNECTIONS = 8;
/** Whole loops a failure and hour. */
const BUDGET = 20;
/** Behind the outage: every other one is the second bug. */
const MIXED_SHARE = 0.1;
/** Long enough for a few probes. */
const MIXED_SECONDS = 10;

const { values } = parseArgs({
  options: {
    failures: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '60' },
    output: { type: 'string', short: 'o', default: 'json' },
  },
});
const count = Number(values.failures);
const seconds = Number(values.seconds);
const perSecond = count / seconds;

interface Peaks {
  residentMb: number;
  heapMb: number;
  ingestHeapMb: number;
  backlogKb: number;
  /** The longest of each second. */
  readonly ingestDelayMs: number[];
}

async function main(): Promise<boolean> {
  const data = mkdtempSync(join(tmpdir(), 'loop-outage-'));
  const loopd = await startChildLoopd(data, '', BUDGET);
  const sessions = Array.from({ length: CONNECTIONS }, () =>
    connectTo({ kind: 'unix', path: join(data, 'sink.sock') }),
  );
  try {
    const before = memoryMb(await loopd.metrics(), 'resident');
    const over = new AbortController();
    const sampled = sampling(loopd, over.signal);
    const outage = [...failures(count, 1, 'no price')];
    const other: FailingCall = { kind: 'profile', trace: 'f'.repeat(32), user: 'user-1', error: '' };
    outage.splice(Math.floor(count / 2), 0, other);
    const tookMs = await sendOutage(sessions, { failures: outage, perSecond });
    const first = await counted(loopd, count + 1);
    const mixed = Math.max(2 * BUDGET, Math.round((count * MIXED_SHARE) / 2));
    const bugs = failures(mixed, 1e9, 'no price').flatMap((call, index) => [
      call,
      ...failures(1, 2e9 + index, 'no rounding'),
    ]);
    await sendOutage(sessions, {
      failures: bugs,
      perSecond: bugs.length / Math.max(MIXED_SECONDS, seconds * MIXED_SHARE),
    });
    const second = await counted(loopd, count + 1 + bugs.length);
    over.abort();
    const peaks = await sampled;
    const loops = await allFailures(loopd.api);
    const result = {
      failures: count,
      seconds: round(tookMs / 1000),
      ...judge({ first, second, loops, mixed }),
      ...(await accounts(loopd)),
      residentMbBefore: before,
      residentMb: peaks.residentMb,
      heapMb: peaks.heapMb,
      ingestHeapMb: peaks.ingestHeapMb,
      backlogKb: peaks.backlogKb,
      ingestDelayMs: distribution(peaks.ingestDelayMs),
      diskMb: round(bytesIn(data) / 1e6),
      load: round(loadavg()[0] ?? 0),
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok && result.fatesAddUp;
  } finally {
    for (const session of sessions) session.destroy();
    await loopd.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

/** What is counted, once all of it is. */
async function counted(loopd: ChildLoopd, expected: number): Promise<readonly FingerprintSummary[]> {
  const listed = await until(
    () => loopd.api.fingerprints({ limit: 50 }),
    (all) => all.reduce((sum, { seen }) => sum + seen, 0) >= expected,
  ).catch(() => loopd.api.fingerprints({ limit: 50 }));
  const shown = listed.map(({ fingerprint, seen, kept, guessed }) => ({ fingerprint, seen, kept, guessed }));
  process.stderr.write(`${expected} sent: ${JSON.stringify(shown)}\n`);
  return listed;
}

interface Outcome {
  readonly first: readonly FingerprintSummary[];
  readonly second: readonly FingerprintSummary[];
  readonly loops: readonly LoopSummary[];
  readonly mixed: number;
}

function judge({ first, second, loops, mixed }: Outcome) {
  const outage = first.find(({ service }) => service === 'pricing');
  const other = first.find(({ service }) => service !== 'pricing');
  const found = second.find(({ service, fingerprint }) => service === 'pricing' && fingerprint !== outage?.fingerprint);
  const after = second.reduce((sum, { seen }) => sum + seen, 0);
  const whole = loops.filter(({ holes, exchanges, service, origin }) => {
    return holes.length === 0 && (origin?.service === 'pricing' ? exchanges === EXCHANGES : service !== '?');
  });
  const tell = (one: FingerprintSummary | undefined) =>
    one && { seen: one.seen, kept: one.kept, users: one.users, guessed: one.guessed, unread: one.unread };
  return {
    ok:
      outage?.seen === count &&
      outage.kept === BUDGET &&
      outage.guessed === 0 &&
      other?.seen === 1 &&
      other.kept === 1 &&
      (found?.kept ?? 0) > 0 &&
      (found?.kept ?? 0) <= BUDGET &&
      after === count + 1 + 2 * mixed &&
      whole.length === loops.length &&
      loops.length === second.reduce((sum, { kept }) => sum + kept, 0),
    outage: tell(outage),
    other: tell(other),
    secondBug: { sent: mixed, ...tell(found) },
    loops: loops.length,
    whole: whole.length,
  };
}

async function accounts(loopd: ChildLoopd) {
  const metrics = await loopd.metrics();
  const of = (name: string): number => metrics[name] ?? 0;
  const fates = ['kept', 'tossed', 'overwritten', 'history', 'shed', 'inFlight'].map((fate) =>
    of(`loop_recorder_segments{fate="${fate}"}`),
  );
  return {
    fatesAddUp: fates.reduce((sum, fate) => sum + fate, 0) === of('loop_recorder_segments{fate="received"}'),
    messages: of('loop_ingest_messages'),
    parts: of('loop_keeper_recordings{fate="kept"}') + of('loop_keeper_recordings{fate="over-budget"}'),
    lost: of('loop_keeper_recordings{fate="lost"}'),
    counted: of('loop_brake_counted'),
    probes: of('loop_brake_probes'),
  };
}

async function sampling(loopd: ChildLoopd, signal: AbortSignal): Promise<Peaks> {
  const peaks: Peaks = { residentMb: 0, heapMb: 0, ingestHeapMb: 0, backlogKb: 0, ingestDelayMs: [] };
  for (let index = 0; !signal.aborted; index++) {
    const metrics = await loopd.metrics();
    peaks.residentMb = Math.max(peaks.residentMb, memoryMb(metrics, 'resident'));
    peaks.heapMb = Math.max(peaks.heapMb, memoryMb(metrics, 'heap'));
    peaks.ingestHeapMb = Math.max(peaks.ingestHeapMb, memoryMb(metrics, 'ingest_heap'));
    peaks.backlogKb = Math.max(peaks.backlogKb, Math.round((metrics['loop_keeper_backlog_bytes'] ?? 0) / 1000));
    // Told once a second: every other look sees it again.
    if (index % 2 === 0) peaks.ingestDelayMs.push((metrics['loop_ingest_delay_seconds'] ?? 0) * 1000);
    if (index % 20 === 0)
      process.stderr.write(`${JSON.stringify({ ...peaks, ingestDelayMs: distribution(peaks.ingestDelayMs) })}\n`);
    await delay(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
  }
  return peaks;
}

function memoryMb(metrics: Readonly<Record<string, number>>, kind: string): number {
  return Math.round((metrics[`loop_memory_bytes{kind="${kind}"}`] ?? 0) / 1e6);
}

function distribution(all: readonly number[]): { readonly p50: number; readonly p99: number; readonly max: number } {
  const sorted = all.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function bytesIn(directory: string): number {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

process.exitCode = (await main()) ? 0 : 1;
