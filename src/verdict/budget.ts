/** Keeps N whole loops per fingerprint and hour, so that an outage does not keep everything; the rest are counted. */
import type { Clock } from '../domain/clock.ts';
import type { Fingerprint, LoopId, TransactionKey } from '../domain/ids.ts';

const HOUR_MS = 3_600_000;
/** Distinct fingerprints remembered in one hour; the longest unused is forgotten first. */
const FINGERPRINTS = 10_000;
/** Keys whose decision is remembered, so that a late part meets the same one. */
const DECISIONS = 50_000;
/** For so long a request id alone names a transaction: clients send them again. */
const REQUEST_MS = 300_000;

/** Room for one loop. It is spent when the loop is stored, and decided only then. */
export interface Reservation {
  commit(): void;
  release(): void;
}

interface Decision {
  readonly admitted: boolean;
  readonly trace: TransactionKey | undefined;
  readonly at: number;
}

/** The hour of the clock a moment lies in: its begin, Unix ms. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

export class KeepBudget {
  readonly #loopsPerHour: number;
  readonly #clock: Clock;
  #hour = 0;
  readonly #spent = new Map<Fingerprint, number>();
  readonly #decisions = new Map<TransactionKey, Decision>();

  constructor(loopsPerHour: number, clock: Clock) {
    this.#loopsPerHour = loopsPerHour;
    this.#clock = clock;
  }

  /** What the current hour had kept already when loopd started. */
  restore(kept: ReadonlyMap<Fingerprint, number>): void {
    for (const [fingerprint, count] of kept) this.#spend(fingerprint, count);
  }

  /** Whether the transaction with one of these keys was admitted; undefined while nothing was decided. */
  decided(keys: readonly TransactionKey[]): boolean | undefined {
    const trace = keys.find(isTrace);
    const found = keys.map((key) => this.#meet(key, trace)).find((decision) => decision !== undefined);
    return found?.admitted;
  }

  /**
   * Room for a loop of this failure, or undefined: then the transaction is only counted, whatever its late parts show. To be asked once
   * a transaction, when something in it has failed.
   */
  reserve(fingerprint: Fingerprint, keys: readonly TransactionKey[]): Reservation | undefined {
    if ((this.#current().get(fingerprint) ?? 0) >= this.#loopsPerHour) {
      this.#decide(keys, false);
      return undefined;
    }
    this.#spend(fingerprint, 1);
    return {
      commit: () => this.#decide(keys, true),
      release: () => this.#spend(fingerprint, -1),
    };
  }

  /** A loop was stored before anything in it had failed: its failure is paid for although there may be no room. */
  charge(fingerprint: Fingerprint, keys: readonly TransactionKey[]): void {
    this.#spend(fingerprint, 1);
    this.#decide(keys, true);
  }

  /** Reserves and commits at once; a loop in which nothing has failed passes. */
  admit(fingerprint: Fingerprint | undefined, loop: LoopId): boolean {
    if (fingerprint === undefined) return true;
    const key = `request:${loop}` as TransactionKey;
    const decided = this.decided([key]);
    if (decided !== undefined) return decided;
    const room = this.reserve(fingerprint, [key]);
    room?.commit();
    return room !== undefined;
  }

  #meet(key: TransactionKey, trace: TransactionKey | undefined): Decision | undefined {
    const decision = this.#decisions.get(key);
    if (decision === undefined || isTrace(key)) return decision;
    const other = trace !== undefined && decision.trace !== undefined && decision.trace !== trace;
    return other || this.#clock.now() - decision.at > REQUEST_MS ? undefined : decision;
  }

  #decide(keys: readonly TransactionKey[], admitted: boolean): void {
    const decision = { admitted, trace: keys.find(isTrace), at: this.#clock.now() };
    for (const key of keys) {
      this.#decisions.delete(key);
      this.#decisions.set(key, decision);
      forgetOldest(this.#decisions, DECISIONS);
    }
  }

  #spend(fingerprint: Fingerprint, loops: number): void {
    const spent = this.#current();
    const sum = Math.max(0, (spent.get(fingerprint) ?? 0) + loops);
    spent.delete(fingerprint);
    spent.set(fingerprint, sum);
    forgetOldest(spent, FINGERPRINTS);
  }

  #current(): Map<Fingerprint, number> {
    const hour = hourOf(this.#clock.now());
    if (hour !== this.#hour) this.#spent.clear();
    this.#hour = hour;
    return this.#spent;
  }
}

function isTrace(key: TransactionKey): boolean {
  return key.startsWith('trace:');
}

function forgetOldest<Key>(map: Map<Key, unknown>, limit: number): void {
  const oldest = map.keys().next();
  if (map.size > limit && !oldest.done) map.delete(oldest.value);
}
