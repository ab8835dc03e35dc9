/** Keeps N whole loops per fingerprint and hour, so that an outage does not keep everything; the rest are counted. */
import type { Clock } from '../domain/clock.ts';
import type { Fingerprint, LoopId } from '../domain/ids.ts';

const HOUR_MS = 3_600_000;
/** Distinct fingerprints remembered; the longest unused is forgotten first. */
const FINGERPRINTS = 10_000;

/** Loops whose decision is remembered, so that a late part meets the same one. */
const DECISIONS = 50_000;

interface Spent {
  readonly since: number;
  admitted: number;
  counted: number;
}

export class KeepBudget {
  readonly #loopsPerHour: number;
  readonly #clock: Clock;
  readonly #spent = new Map<Fingerprint | 'none', Spent>();
  readonly #decisions = new Map<LoopId, boolean>();

  constructor(loopsPerHour: number, clock: Clock) {
    this.#loopsPerHour = loopsPerHour;
    this.#clock = clock;
  }

  /** Whether the loop may be stored. Decided once: a late part may change the fingerprint, never the decision. */
  admit(fingerprint: Fingerprint | undefined, loop: LoopId): boolean {
    const decided = this.#decisions.get(loop);
    if (decided !== undefined) return decided;
    const spent = this.#entry(fingerprint ?? 'none');
    const admitted = spent.admitted < this.#loopsPerHour;
    if (admitted) spent.admitted += 1;
    else spent.counted += 1;
    this.#decisions.set(loop, admitted);
    forgetOldest(this.#decisions, DECISIONS);
    return admitted;
  }

  /** Loops of this fingerprint that were only counted in its current hour. */
  counted(fingerprint: Fingerprint): number {
    return this.#spent.get(fingerprint)?.counted ?? 0;
  }

  #entry(key: Fingerprint | 'none'): Spent {
    const now = this.#clock.now();
    const known = this.#spent.get(key);
    const entry = known !== undefined && now - known.since < HOUR_MS ? known : { since: now, admitted: 0, counted: 0 };
    this.#spent.delete(key);
    this.#spent.set(key, entry);
    forgetOldest(this.#spent, FINGERPRINTS);
    return entry;
  }
}

function forgetOldest<Key>(map: Map<Key, unknown>, limit: number): void {
  const oldest = map.keys().next();
  if (map.size > limit && !oldest.done) map.delete(oldest.value);
}
