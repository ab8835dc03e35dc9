/** Keeps N whole loops per fingerprint and hour, so that an outage does not keep everything; the rest are counted. */
import type { Clock } from '../domain/clock.ts';
import type { Fingerprint, LoopId } from '../domain/ids.ts';

const HOUR_MS = 3_600_000;
/** Distinct fingerprints remembered; the longest unused is forgotten first. */
const FINGERPRINTS = 10_000;

interface Spent {
  since: number;
  readonly admitted: Set<LoopId>;
  counted: number;
}

export class KeepBudget {
  readonly #loopsPerHour: number;
  readonly #clock: Clock;
  readonly #spent = new Map<Fingerprint | 'none', Spent>();

  constructor(loopsPerHour: number, clock: Clock) {
    this.#loopsPerHour = loopsPerHour;
    this.#clock = clock;
  }

  /** Whether the loop may be stored. A loop admitted once stays admitted for its late parts. */
  admit(fingerprint: Fingerprint | undefined, loop: LoopId): boolean {
    const spent = this.#entry(fingerprint ?? 'none');
    if (spent.admitted.has(loop)) return true;
    if (spent.admitted.size >= this.#loopsPerHour) {
      spent.counted += 1;
      return false;
    }
    spent.admitted.add(loop);
    return true;
  }

  /** Loops of this fingerprint that were only counted in its current hour. */
  counted(fingerprint: Fingerprint): number {
    return this.#spent.get(fingerprint)?.counted ?? 0;
  }

  #entry(key: Fingerprint | 'none'): Spent {
    const now = this.#clock.now();
    const known = this.#spent.get(key);
    const entry = known !== undefined && now - known.since < HOUR_MS ? known : { since: now, admitted: new Set<LoopId>(), counted: 0 };
    this.#spent.delete(key);
    this.#spent.set(key, entry);
    const oldest = this.#spent.keys().next();
    if (this.#spent.size > FINGERPRINTS && !oldest.done) this.#spent.delete(oldest.value);
    return entry;
  }
}
