/** The numbers of several workers as those of one. */
import { type Shed, worstOf } from '../recorder/overload.ts';
import type { RecorderStats } from '../recorder/stats.ts';
import type { IngestStats } from './messages.ts';

type SeenSidecar = RecorderStats['sidecars'][number];

/** An instance that was heard by two workers within so long is not one that has only moved. Milliseconds. */
const MOVED_MS = 60_000;

/** Reach is the shortest of those that hold anything, delay the longest; sidecars are put together, everything else is a sum. */
export function unitedStats(all: readonly [IngestStats, ...IngestStats[]]): IngestStats {
  const [first, ...others] = all;
  if (others.length === 0) return first;
  const most = (of: keyof IngestStats['loopDelayMs']) => Math.max(...all.map(({ loopDelayMs }) => loopDelayMs[of]));
  return {
    ...first,
    counters: sumOf(all.map(({ counters }) => counters)),
    recorder: unitedRecorders(all.map(({ recorder }) => recorder)),
    loopDelayMs: { p50: most('p50'), p99: most('p99'), max: most('max'), stalled: most('stalled') },
    load: all.reduce((worst, { load }) => (load.busy > worst.busy ? load : worst), first.load),
    handover: sumOf(all.map(({ handover = { bytes: 0, lost: 0 } }) => handover)),
    heapBytes: all.reduce((sum, { heapBytes }) => sum + heapBytes, 0),
  };
}

function unitedRecorders(all: readonly RecorderStats[]): RecorderStats {
  return {
    ...sumOf(all),
    historySeconds: shortestOf(reachesOf(all)),
    sidecars: unitedSidecars(all),
    shedding: { ...sumOf(all.map(({ shedding }) => shedding)), ...sheddingNow(all) },
  };
}

/** Who has heard nothing yet reaches back no time, and holds the others back in nothing. */
function reachesOf(all: readonly RecorderStats[]): readonly number[] {
  return all.map(({ historySeconds }) => historySeconds).filter((seconds) => seconds > 0);
}

function shortestOf(reaches: readonly number[]): number {
  return reaches.length === 0 ? 0 : Math.min(...reaches);
}

/** Seconds until the last of them has overwritten what it holds now; undefined: none has said anything. */
export function longestReach(all: readonly IngestStats[]): number | undefined {
  return all.length === 0 ? undefined : Math.max(...all.map(({ recorder }) => recorder.historySeconds));
}

function sheddingNow(all: readonly RecorderStats[]): Shed {
  return worstOf(all.map(({ shedding: { level, share } }) => ({ level, share })));
}

/** Who is known to several was seen when the last of them saw it. */
function unitedSidecars(all: readonly RecorderStats[]): readonly SeenSidecar[] {
  const seen = new Map<string, SeenSidecar>();
  for (const one of all.flatMap(({ sidecars }) => sidecars)) {
    const key = instanceKey(one);
    const other = seen.get(key);
    if (other === undefined || other.lastSeenAt < one.lastSeenAt) seen.set(key, one);
  }
  return [...seen.values()];
}

/** Keys (as Instance.key) of instances that several workers hear of now: what they say of one another cannot be put together. */
export function splitInstances(all: readonly IngestStats[]): readonly string[] {
  const times = new Map<string, number[]>();
  for (const { recorder } of all)
    for (const one of recorder.sidecars)
      times.set(instanceKey(one), [...(times.get(instanceKey(one)) ?? []), one.lastSeenAt]);
  return [...times].filter(([, seen]) => isSplit(seen)).map(([key]) => key);
}

function isSplit(seen: readonly number[]): boolean {
  const [last, before] = seen.toSorted((one, other) => other - one);
  return last !== undefined && before !== undefined && last - before < MOVED_MS;
}

function instanceKey({ service, instance }: SeenSidecar): string {
  return `${service}\0${instance}`;
}

/** Of trees of numbers that have the same shape. What is no number is the first's. */
function sumOf<Tree extends object>(all: readonly Tree[]): Tree {
  const [first] = all;
  const names = Object.keys(first ?? {});
  return Object.fromEntries(names.map((name) => [name, sumAt(all, name)])) as Tree;
}

function sumAt(all: readonly object[], name: string): unknown {
  const values = all.map((one): unknown => Reflect.get(one, name));
  const [first] = values;
  if (values.every((value) => typeof value === 'number')) return values.reduce((sum, value) => sum + value, 0);
  if (Array.isArray(first)) return first;
  return values.every((value) => typeof value === 'object' && value !== null) ? sumOf(values) : first;
}
