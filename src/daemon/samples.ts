/** Numbers over time, in as much memory as there is room for, whatever happens. */
export class Samples<Name extends string> {
  readonly #names: readonly Name[];
  readonly #most: number;
  readonly #rows: Float64Array;
  #taken = 0;

  /** So many moments are held; older ones go. */
  constructor(names: readonly Name[], most: number) {
    this.#names = names;
    this.#most = most;
    this.#rows = new Float64Array(names.length * most);
  }

  /** One moment: undefined for what is not known. */
  add(values: Readonly<Record<Name, number | undefined>>): void {
    const row = (this.#taken++ % this.#most) * this.#names.length;
    for (const [at, name] of this.#names.entries()) this.#rows[row + at] = values[name] ?? Number.NaN;
  }

  /** Oldest first. */
  points(name: Name): readonly (number | null)[] {
    const column = this.#names.indexOf(name);
    const held = Math.min(this.#taken, this.#most);
    return Array.from({ length: held }, (_, index) => {
      const row = (this.#taken - held + index) % this.#most;
      const value = this.#rows[row * this.#names.length + column] ?? Number.NaN;
      return Number.isNaN(value) ? null : value;
    });
  }
}
