import type { Stream } from './streams.ts';

const FEWEST = 1024;
const MOST = 1 << 20;

/**
 * Streams by their numbers, which only grow: each has its place in a table of fixed length. One that still lives when its place is wanted
 * again, a whole table later, moves aside; those are few, as connections are against exchanges.
 */
export class NumberedStreams {
  readonly #places: (Stream | undefined)[];
  readonly #mask: number;
  readonly #aside = new Map<number, Stream>();
  size = 0;

  /** `expected`: streams that live at once. */
  constructor(expected: number) {
    const places = 2 ** Math.ceil(Math.log2(Math.min(Math.max(expected, FEWEST), MOST)));
    this.#places = Array.from({ length: places }, () => undefined);
    this.#mask = places - 1;
  }

  get(number: number): Stream | undefined {
    const stream = this.#places[number & this.#mask];
    if (stream !== undefined && stream.number === number) return stream;
    return this.#aside.size === 0 ? undefined : this.#aside.get(number);
  }

  /** Its number is one that no stream here has. */
  add(stream: Stream): void {
    const place = stream.number & this.#mask;
    const before = this.#places[place];
    if (before !== undefined) this.#aside.set(before.number, before);
    this.#places[place] = stream;
    this.size += 1;
  }

  delete(stream: Stream): void {
    const place = stream.number & this.#mask;
    if (this.#places[place] === stream) this.#places[place] = undefined;
    else if (!this.#aside.delete(stream.number)) return;
    this.size -= 1;
  }
}
