import type { Series } from '../../../src/api/contract/results.ts';
import { bytesText, countText, longSpanText } from '../ui/format.ts';

/** What each number is called, and what it means to whoever looks after loopd. */
export const SERIES_WORDS: Readonly<Record<Series['name'], { readonly title: string; readonly means: string }>> = {
  historySeconds: {
    title: 'History',
    means:
      'How far back the ring in memory reaches. Short: give it more bytes (recorder.ringBytes), or it sees more traffic.',
  },
  exchangesPerSecond: {
    title: 'Exchanges per second',
    means: 'Requests with their answers, counted at each sidecar: one call between two services is two.',
  },
  keptPerMinute: {
    title: 'Kept per minute',
    means: 'Transactions that became loops: they failed, or a capture wanted them.',
  },
  tossedPerMinute: { title: 'Tossed per minute', means: 'Transactions that went well. Age overwrites their bytes.' },
  lostBytesPerSecond: {
    title: 'Lost per second',
    means: 'Bytes that were shed, as there was no room for them. Anything above zero leaves holes in recordings.',
  },
  storeBytes: { title: 'Stored', means: 'What loops, exemplars and ambient answers take on the disk.' },
  eventLoopDelayMs: {
    title: 'Lateness of the ingest thread',
    means:
      'How late the thread that reads from Envoy runs. Tens of milliseconds are fine; hundreds fill Envoy’s buffers.',
  },
  residentBytes: { title: 'Memory', means: 'Of the whole process: the ring, its index, and what is being assembled.' },
};

/** In the order they are read: is it coming in, is it lost, is there room. */
export const SERIES_ORDER = Object.keys(SERIES_WORDS) as readonly Series['name'][];

export function valueText(value: number, unit: Series['unit']): string {
  if (unit === 'bytes') return bytesText(value);
  if (unit === 'seconds') return longSpanText(Math.round(value) * 1000);
  if (unit === 'milliseconds') return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : countText(Math.round(value));
}

/** The newest that is known. */
export function newestOf({ points }: Series): number | undefined {
  return points.findLast((point) => point !== null) ?? undefined;
}

/** Times of the points, Unix seconds, the last of them at `at`. */
export function timesOf({ points }: Series, at: number, everyMs: number): number[] {
  return points.map((_, index) => Math.round((at - (points.length - 1 - index) * everyMs) / 1000));
}

/** A sentence for who cannot see the plot. */
export function describe(series: Series): string {
  const known = series.points.filter((point) => point !== null);
  const newest = newestOf(series);
  if (newest === undefined) return `${SERIES_WORDS[series.name].title}: nothing is known yet.`;
  const [low, high] = [Math.min(...known), Math.max(...known)].map((value) => valueText(value, series.unit));
  return `${SERIES_WORDS[series.name].title}: now ${valueText(newest, series.unit)}, between ${low} and ${high} in this time.`;
}

/** What may become of what a sidecar sends (docs/ARCHITECTURE.md, "Keep, toss, and what is counted"). */
export const FATE_WORDS: Readonly<Record<string, string>> = {
  received: 'All that came in: the sum of the others.',
  kept: 'Copied out of the ring, into loops, exemplars and ambient answers.',
  tossed: 'Of transactions that went well, or were only counted.',
  history: 'On disk behind the ring, undecided.',
  overwritten: 'Gone by age before anybody had decided.',
  shed: 'Not taken in, for want of room. Recordings say where.',
  inFlight: 'In memory, undecided.',
};
