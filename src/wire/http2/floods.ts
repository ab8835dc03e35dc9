/** Bytes of DATA that earn one token. */
const EARNING_BYTES = 1024;
/** A call that is opened earns these silent frames: its resets, its window updates. */
const EARNED_PER_STREAM = 4;

/**
 * What a peer may cost beyond what it brings: frames that must be answered (PING, SETTINGS, streams that are refused or left without
 * a message), and frames that say nothing (empty DATA, PRIORITY, WINDOW_UPDATE, resets of what is over, unknown ones). Each has a budget that time and useful
 * bytes refill. Resetting a call that carried a message costs nothing: Envoy ends each of thousands a second like that.
 */
export class Floods {
  readonly #now: () => number;
  readonly #answered: Bucket;
  readonly #silent: Bucket;
  #earnedAnswered = 0;
  #earnedSilent = 0;

  /** `now`: milliseconds of a clock that goes on. */
  constructor(now: () => number) {
    this.#now = now;
    this.#answered = new Bucket(1000, 100);
    this.#silent = new Bucket(10_000, 1000);
  }

  bytes(count: number): void {
    const tokens = count / EARNING_BYTES;
    this.#earnedAnswered += tokens;
    this.#earnedSilent += tokens;
  }

  opened(): void {
    this.#earnedSilent += EARNED_PER_STREAM;
  }

  /** False: more than is borne. `cost`: tokens, for what costs more than an answer. */
  answered(cost = 1): boolean {
    const earned = this.#earnedAnswered;
    this.#earnedAnswered = 0;
    return this.#answered.take(cost, earned, this.#now());
  }

  silent(): boolean {
    // Earned ones first: reading the clock costs more than such a frame.
    if (this.#earnedSilent >= 1) {
      this.#earnedSilent = Math.min(this.#earnedSilent, 1000) - 1;
      return true;
    }
    return this.#silent.take(1, 0, this.#now());
  }
}

class Bucket {
  readonly #most: number;
  readonly #perSecond: number;
  #tokens: number;
  #at: number | undefined;

  constructor(most: number, perSecond: number) {
    this.#most = most;
    this.#perSecond = perSecond;
    this.#tokens = most;
  }

  take(cost: number, earned: number, now: number): boolean {
    const elapsed = Math.max(0, now - (this.#at ?? now));
    this.#at = now;
    this.#tokens = Math.min(this.#most, this.#tokens + earned + (elapsed * this.#perSecond) / 1000);
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
