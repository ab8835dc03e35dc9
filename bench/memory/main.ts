// What loopd's memory does under what is hard on it: a million tiny transactions, minutes at 5,000 a second, a body of 1 GB, an event stream without
// end, a million frames of one byte, five hundred slow calls. Each case in one loopd, which has filled its ring before.
//   npm run -s bench:memory -- --json [--quick] [--only tiny,big-body]
// Progress on stderr; one JSON object on stdout at the end. Exit code 1 when a bound is broken.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { until } from '../../test/support/until.ts';
import { oneByteFrames, slowLoris, steady, tiny } from './canned.ts';
import type { Done } from './canned.ts';
import { metric } from '../load/metrics.ts';
import type { Metrics } from '../load/metrics.ts';
import { environment, rounded } from '../load/numbers.ts';
import { residentMb } from '../load/processes.ts';
import { openStage, watch } from './stage.ts';
import type { Stage } from './stage.ts';
import { bigBody, endlessEvents } from './through-envoy.ts';

const GIB = 1024 ** 3;
/** Of the time more than 50 ms late: the 99th percentile of the delay is below that. */
const LATE_PERCENT = 1;
/** How much of what a case took may stay behind, MB: what the allocator keeps for the next time. */
const LEFT_MB = 64;
/** Transactions a second before the first case. */
const FILL_RATE = 10_000;
/** Garbage of a case is collected by what comes after it. */
const REST_MS = 5_000;

interface Case {
  readonly name: string;
  /** Resident memory over what loopd had before, MB (docs/PERFORMANCE.md has where the limit is from). */
  readonly limitMb: number;
  readonly run: (stage: Stage) => Promise<Done>;
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const quick = values.quick;

const CASES: readonly Case[] = [
  { name: 'tiny', limitMb: 1024, run: (stage) => tiny(stage, quick ? 200_000 : 1_000_000) },
  { name: 'steady', limitMb: 256, run: (stage) => steady(stage, 5_000, quick ? 20 : 600) },
  { name: 'one-byte-frames', limitMb: 100, run: (stage) => oneByteFrames(stage, 1_000_000) },
  { name: 'slow-loris', limitMb: 64, run: (stage) => slowLoris(stage, quick ? 10 : 60) },
  { name: 'big-body', limitMb: 64, run: (stage) => bigBody(stage, quick ? GIB / 8 : GIB) },
  { name: 'endless-events', limitMb: 64, run: (stage) => endlessEvents(stage, quick ? 10 : 60) },
];

async function main(): Promise<boolean> {
  await using stage = await openStage();
  // The ring's pages are resident once they have been written, and the index has its size: not as fast as can be, or most of it is given up.
  await steady(stage, FILL_RATE, quick ? 15 : 30);
  await delay(REST_MS);
  const rows = [];
  const wanted = values.only === '' ? CASES : CASES.filter(({ name }) => values.only.split(',').includes(name));
  for (const one of wanted) rows.push(await measure(stage, one));
  process.stdout.write(`${JSON.stringify({ rows, quick, environment: environment() }, undefined, 1)}\n`);
  return rows.every(({ ok }) => ok);
}

async function measure(stage: Stage, { name, limitMb, run }: Case) {
  const before = await stage.loopd.metrics();
  const baseMb = residentMb(stage.loopd.pid);
  const { result, watched } = await watch(stage, () => run(stage));
  await delay(REST_MS);
  const afterMb = residentMb(stage.loopd.pid);
  const conserved = await isConserved(stage, before, result.messages);
  const grewMb = watched.peakMb - baseMb;
  const ok = grewMb <= limitMb && afterMb - baseMb <= LEFT_MB && watched.latePercent < LATE_PERCENT && conserved;
  const figures = { baseMb, afterMb, limitMb, ...watched };
  const row = { case: name, ...short(figures), conserved, ok, said: result.said };
  process.stderr.write(`${JSON.stringify(row)}\n`);
  return row;
}

/** Every message sent has come, and every segment has one fate. */
async function isConserved(stage: Stage, before: Metrics, messages: number): Promise<boolean> {
  const came = (seen: Metrics): number => metric(seen, MESSAGES) - metric(before, MESSAGES);
  const after = await until(
    () => stage.loopd.metrics(),
    (seen) => came(seen) >= messages,
  ).catch(() => stage.loopd.metrics());
  const received = metric(after, SEGMENTS, 'fate="received"');
  return came(after) === messages && metric(after, SEGMENTS) === 2 * received;
}

const MESSAGES = 'loop_ingest_messages';
/** Received, and what became of it. */
const SEGMENTS = 'loop_recorder_segments';

function short(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value, 1)]));
}

process.exitCode = (await main()) ? 0 : 1;
