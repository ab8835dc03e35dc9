import type { Entry } from './entry.ts';
import { keysOf } from './entry-keys.ts';
import { digestOfKey } from '../domain/key-digest.ts';

/** What the keeper tells the ring. Times are durations: the threads share no clock. */
export type BrakeOrder =
  /** Only count transactions of this signature, but for a probe now and then. Said again, it holds for so long from then. */
  | { readonly kind: 'brake'; readonly signature: string; readonly forMs: number }
  | { readonly kind: 'release'; readonly signature: string };

/** Transactions of one signature that were only counted since the last time told; negative when some were wanted after all. */
export interface BrakedCount {
  readonly signature: string;
  readonly count: number;
  /** Unix ms. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Which, where several recorders may have counted the same: the digests of all keys of each (src/domain/key-digest.ts). */
  readonly counted?: readonly KeyDigests[];
  readonly uncounted?: readonly KeyDigests[];
}

export type KeyDigests = readonly number[];

/** Between two probes of one signature. */
const PROBE_MS = 1000;
/** Signatures braked at once; the one told longest ago is let go first. */
const SIGNATURES = 1000;

interface Counting {
  count: number;
  readonly firstAt: number;
  lastAt: number;
  readonly counted?: KeyDigests[];
  readonly uncounted?: KeyDigests[];
}

interface Braked {
  until: number;
  nextProbeAt: number;
}

/**
 * Keeps an outage from costing more than counting: failed transactions whose signature the keeper refuses are not copied out, but for one
 * a second, by which the keeper sees whether it is still the same failure.
 */
export class Brake {
  readonly #signatureOf: (entry: Entry) => string | undefined;
  readonly #braked = new Map<string, Braked>();
  readonly #isNamed: boolean;
  #counts = new Map<string, Counting>();
  probes = 0;

  /**
   * `signatureOf`: what failed, where and how; undefined for what cannot be told, which is never braked. `isNamed`: counts say which
   * transactions they are of.
   */
  constructor(signatureOf: (entry: Entry) => string | undefined, isNamed = false) {
    this.#signatureOf = signatureOf;
    this.#isNamed = isNamed;
  }

  /** Signatures braked, as far as time has not lifted them. */
  get signatures(): number {
    return this.#braked.size;
  }

  order(order: BrakeOrder, at: number): void {
    const known = this.#braked.get(order.signature);
    this.#braked.delete(order.signature);
    if (order.kind === 'release') return;
    const nextProbeAt = known?.nextProbeAt ?? at + PROBE_MS;
    this.#braked.set(order.signature, { until: at + order.forMs, nextProbeAt });
    const [oldest] = this.#braked.keys();
    if (this.#braked.size > SIGNATURES && oldest !== undefined) this.#braked.delete(oldest);
  }

  /** True: the transaction, about to be copied out for the first time, is only counted. */
  counts(entry: Entry, at: number): boolean {
    if (this.#braked.size === 0 || entry.asked || entry.elsewhere || entry.counted === 'kept') return false;
    if (entry.captured !== undefined && entry.captured.wanted.size > 0) return false;
    const signature = this.#signatureOf(entry);
    if (signature === undefined || !this.#holds(signature, at)) return false;
    entry.countedAs = signature;
    this.#add(signature, entry, 1, at);
    return true;
  }

  /** It is wanted after all. */
  uncount(entry: Entry, at: number): void {
    if (entry.countedAs !== undefined) this.#add(entry.countedAs, entry, -1, at);
    entry.countedAs = undefined;
  }

  /** What was counted since the last time asked. */
  take(): readonly BrakedCount[] {
    const taken = [...this.#counts].map(([signature, counted]) => ({ signature, ...counted }));
    this.#counts = new Map();
    return taken.filter(({ count, counted = [] }) => count !== 0 || counted.length > 0);
  }

  #holds(signature: string, at: number): boolean {
    const braked = this.#braked.get(signature);
    if (braked === undefined) return false;
    if (at >= braked.until) {
      this.#braked.delete(signature);
      return false;
    }
    if (at < braked.nextProbeAt) return true;
    braked.nextProbeAt = at + PROBE_MS;
    this.probes += 1;
    return false;
  }

  #add(signature: string, entry: Entry, count: 1 | -1, at: number): void {
    const named = this.#isNamed ? { counted: [], uncounted: [] } : {};
    const known = this.#counts.get(signature) ?? { count: 0, firstAt: at, lastAt: at, ...named };
    known.count += count;
    known.lastAt = at;
    if (this.#isNamed) (count === 1 ? known.counted : known.uncounted)?.push(keysOf(entry).map(digestOfKey));
    this.#counts.set(signature, known);
  }
}
