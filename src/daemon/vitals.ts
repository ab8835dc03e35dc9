/** How loopd is doing, now and in the last hour: for the page that people look at. Prometheus gets the same numbers from metrics.ts. */
import type { Series, Vitals } from '../api/contract/results.ts';
import type { Clock } from '../domain/clock.ts';
import type { IngestStats } from '../ingest/client.ts';
import type { ListenAddress } from '../ingest/transport.ts';
import { Samples } from './samples.ts';
import type { StoreUsage } from './store-usage.ts';

export interface VitalSources {
  readonly clock: Clock;
  readonly addresses: readonly ListenAddress[];
  readonly ingest: () => IngestStats | undefined;
  /** Seconds that the history behind the ring reaches back; undefined where there is none. */
  readonly historySeconds: () => number | undefined;
  readonly usage: () => Promise<StoreUsage>;
  readonly residentBytes: () => number;
  readonly trouble: () => string | undefined;
  readonly warning: () => string | undefined;
  readonly retentionDays: number;
}

export const SAMPLE_MS = 5_000;
const HELD = 3_600_000 / SAMPLE_MS;
/** Every file of the store is asked for its size. */
const USAGE_EVERY_MS = 60_000;

const UNITS = {
  historySeconds: 'seconds',
  exchangesPerSecond: 'count',
  keptPerMinute: 'count',
  tossedPerMinute: 'count',
  lostBytesPerSecond: 'bytes',
  storeBytes: 'bytes',
  eventLoopDelayMs: 'milliseconds',
  residentBytes: 'bytes',
} as const satisfies Readonly<Record<Series['name'], Series['unit']>>;

const NAMES = Object.keys(UNITS) as readonly Series['name'][];

/** What only grows. */
interface Totals {
  readonly at: number;
  readonly exchanges: number;
  readonly kept: number;
  readonly tossed: number;
  readonly lostBytes: number;
}

export class VitalSigns {
  readonly #sources: VitalSources;
  readonly #samples = new Samples(NAMES, HELD);
  #before: Totals | undefined;
  #usage: StoreUsage | undefined;
  #usageAskedAt = -Infinity;
  #asking: Promise<void> = Promise.resolve();

  constructor(sources: VitalSources) {
    this.#sources = sources;
  }

  /** As last measured; undefined before. */
  get usage(): StoreUsage | undefined {
    return this.#usage;
  }

  /** To be called every SAMPLE_MS. */
  sample(): void {
    const { clock, ingest, residentBytes } = this.#sources;
    const now = clock.now();
    this.#measure(now);
    const stats = ingest();
    const totals = stats && totalsOf(stats, now);
    const before = this.#before;
    this.#before = totals;
    this.#samples.add({
      historySeconds: this.#reach(),
      ...ratesOf(before, totals),
      storeBytes: this.#usage?.bytes,
      eventLoopDelayMs: stats?.loopDelayMs.max,
      residentBytes: residentBytes(),
    });
  }

  /** Measures the store first, if nobody has yet. */
  async read(): Promise<Vitals> {
    const { clock, addresses, ingest, trouble, warning, retentionDays } = this.#sources;
    this.#measure(clock.now());
    if (this.#usage === undefined) await this.#asking;
    const stats = ingest();
    const [wrong, told] = [trouble(), warning() ?? certificateWarning(stats)];
    return {
      at: clock.now(),
      everyMs: SAMPLE_MS,
      ...(wrong !== undefined && { trouble: wrong }),
      ...(told !== undefined && { warning: told }),
      sink: {
        addresses: addresses.map(addressText),
        sidecars: stats?.recorder.sidecars ?? [],
        historySeconds: this.#reach() ?? 0,
      },
      fates: { ...stats?.recorder.fates },
      store: { ...(this.#usage ?? { loops: 0, bytes: 0, freeBytes: 0 }), retentionDays },
      series: NAMES.map((name) => ({ name, unit: UNITS[name], points: this.#samples.points(name) })),
    };
  }

  /** How far back memory reaches, or the disk behind it. */
  #reach(): number | undefined {
    const ring = this.#sources.ingest()?.recorder.historySeconds;
    return ring === undefined ? undefined : Math.max(ring, this.#sources.historySeconds() ?? 0);
  }

  #measure(now: number): void {
    if (now - this.#usageAskedAt < USAGE_EVERY_MS) return;
    this.#usageAskedAt = now;
    this.#asking = this.#sources.usage().then(
      (usage) => void (this.#usage = usage),
      // The store itself says what is wrong with it, to whoever uses it.
      () => undefined,
    );
  }
}

function totalsOf({ counters, recorder }: IngestStats, at: number): Totals {
  const { overwritten, shed } = recorder.fates;
  return {
    at,
    exchanges: counters.callsOpened,
    kept: recorder.keptTransactions,
    tossed: recorder.tossedTransactions,
    lostBytes: overwritten.bytes + shed.bytes,
  };
}

function ratesOf(before: Totals | undefined, now: Totals | undefined) {
  const perSecond = (of: Exclude<keyof Totals, 'at'>): number | undefined =>
    before && now && now.at > before.at ? (Math.max(0, now[of] - before[of]) * 1000) / (now.at - before.at) : undefined;
  const perMinute = (of: 'kept' | 'tossed'): number | undefined => {
    const rate = perSecond(of);
    return rate === undefined ? undefined : rate * 60;
  };
  return {
    exchangesPerSecond: perSecond('exchanges'),
    keptPerMinute: perMinute('kept'),
    tossedPerMinute: perMinute('tossed'),
    lostBytesPerSecond: perSecond('lostBytes'),
  };
}

function addressText(address: ListenAddress): string {
  return address.kind === 'unix' ? address.path : `${address.host}:${address.port}`;
}

/** Nobody would notice before the former one ends. */
function certificateWarning(stats: IngestStats | undefined): string | undefined {
  if (stats === undefined || stats.counters.certificates.failing === 0) return undefined;
  return 'The files of sink.tls have changed, and are no certificate with its key: sidecars are still shown the one before.';
}
