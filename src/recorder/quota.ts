/** So many per key within a time window, for so many keys at once: what floods with new keys finds no room until old ones expire. */
export class Quota {
  readonly #perKey: number;
  readonly #windowMs: number;
  readonly #keys: number;
  /** Times of admission, oldest first; the key that was admitted longest ago stands first. */
  readonly #admitted = new Map<string, readonly number[]>();

  constructor(perKey: number, windowMs: number, keys: number) {
    this.#perKey = perKey;
    this.#windowMs = windowMs;
    this.#keys = keys;
  }

  /** True when one more fits; it is counted then. `now`: Unix ms. */
  admit(key: string, now: number): boolean {
    const recent = (this.#admitted.get(key) ?? []).filter((at) => now - at < this.#windowMs);
    if (recent.length >= this.#perKey || !this.#hasRoom(key, now)) return false;
    this.#admitted.delete(key);
    this.#admitted.set(key, [...recent, now]);
    return true;
  }

  /** Before this time none of the key is admitted, Unix ms; -Infinity where one may be now. */
  refusedUntil(key: string): number {
    const times = this.#admitted.get(key);
    if (times !== undefined) return (times.at(-this.#perKey) ?? -Infinity) + this.#windowMs;
    if (this.#admitted.size < this.#keys) return -Infinity;
    const [oldest = []] = this.#admitted.values();
    return (oldest.at(-1) ?? -Infinity) + this.#windowMs;
  }

  /** True when nothing admitted is recent any more. */
  isIdle(now: number): boolean {
    return [...this.#admitted.values()].every((times) => now - (times.at(-1) ?? -Infinity) >= this.#windowMs);
  }

  #hasRoom(key: string, now: number): boolean {
    if (this.#admitted.size < this.#keys || this.#admitted.has(key)) return true;
    for (const [oldest, times] of this.#admitted) {
      if (now - (times.at(-1) ?? -Infinity) < this.#windowMs) return false;
      this.#admitted.delete(oldest);
      return true;
    }
    return false;
  }
}
