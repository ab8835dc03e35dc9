const PLACES = 4096;

/** What will not be admitted before a certain time, by digest: so that nobody need be asked. A few thousand; one displaces another. */
export class Refusals {
  readonly #mask: number;
  readonly #digests: Int32Array;
  readonly #until: Float64Array;

  /** `places`: a power of two. */
  constructor(places = PLACES) {
    this.#mask = places - 1;
    this.#digests = new Int32Array(places);
    this.#until = new Float64Array(places);
  }

  /** `digest`: 32 bits with a sign, not 0. `now`: Unix ms. */
  has(digest: number, now: number): boolean {
    const place = digest & this.#mask;
    return this.#digests[place] === digest && now < (this.#until[place] ?? 0);
  }

  /** `until`: Unix ms. */
  add(digest: number, until: number): void {
    const place = digest & this.#mask;
    this.#digests[place] = digest;
    this.#until[place] = until;
  }
}
