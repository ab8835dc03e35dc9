/** Keeps N whole loops per fingerprint and hour, so that an outage does not keep everything; the rest are counted. */
import { forgetOldest } from '../domain/bounded.ts';
import type { Clock } from '../domain/clock.ts';
import type { Fingerprint } from '../domain/ids.ts';

const HOUR_MS = 3_600_000;
/** Distinct fingerprints remembered in one hour; the longest unused is forgotten first. */
const FINGERPRINTS = 10_000;
/** Keys whose decision is remembered, so that a late part meets the same one; any names will do. */
const DECISIONS = 50_000;
/** For so long late parts meet a decision: clients send request ids again, and a trace may hold a session. */
const DECIDED_MS = 300_000;

/** Room for one loop. It is spent when the loop is stored, and decided only then. */
export interface Reservation {
  commit(): void;
  release(): void;
}

interface Decision {
  readonly admitted: boolean;
  readonly trace: string | undefined;
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
  readonly #decisions = new Map<string, Decision>();

  constructor(loopsPerHour: number, clock: Clock) {
    this.#loopsPerHour = loopsPerHour;
    this.#clock = clock;
  }

  /** What the current hour had kept already when loopd started. */
  restore(kept: ReadonlyMap<Fingerprint, number>): void {
    for (const [fingerprint, count] of kept) this.#spend(fingerprint, count);
  }

  /** Whether the transaction with one of these keys was admitted; undefined while nothing was decided. */
  decided(keys: readonly string[]): boolean | undefined {
    const trace = keys.find(isTrace);
    const found = keys.map((key) => this.#meet(key, trace)).find((decision) => decision !== undefined);
    return found?.admitted;
  }

  /**
   * Room for a loop of this failure, or undefined: then the transaction is only counted, whatever its late parts show. To be asked once
   * a transaction, when something in it has failed.
   */
  reserve(fingerprint: Fingerprint, keys: readonly string[]): Reservation | undefined {
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
  charge(fingerprint: Fingerprint, keys: readonly string[]): void {
    this.#spend(fingerprint, 1);
    this.#decide(keys, true);
  }

  #meet(key: string, trace: string | undefined): Decision | undefined {
    const decision = this.#decisions.get(key);
    if (decision === undefined || this.#clock.now() - decision.at > DECIDED_MS) return undefined;
    const other = !isTrace(key) && trace !== undefined && decision.trace !== undefined && decision.trace !== trace;
    return other ? undefined : decision;
  }

  #decide(keys: readonly string[], admitted: boolean): void {
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

function isTrace(key: string): boolean {
  return key.startsWith('trace:');
}
