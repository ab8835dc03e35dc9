const PLACES = 4096;

/** What a quota will not admit before a certain time, by digest: so that it need not be asked. A few thousand; one displaces another. */
export class Refusals {
  readonly #digests = new Int32Array(PLACES);
  readonly #until = new Float64Array(PLACES);

  /** `digest`: not 0. `now`: Unix ms. */
  has(digest: number, now: number): boolean {
    const place = digest & (PLACES - 1);
    return this.#digests[place] === digest && now < (this.#until[place] ?? 0);
  }

  /** `until`: Unix ms. */
  add(digest: number, until: number): void {
    const place = digest & (PLACES - 1);
    this.#digests[place] = digest;
    this.#until[place] = until;
  }
}
