import type { Stream } from './streams.ts';

const FEWEST = 1024;
const MOST = 1 << 20;

/**
 * Streams by their numbers, which only grow but for once in days: each has its place in a table. The table grows with the streams that live at
 * once. One that still lives when its place is wanted again, a whole table later, moves aside; those are few, as connections are against
 * exchanges.
 */
export class NumberedStreams {
  #places = emptyPlaces(FEWEST);
  #mask = FEWEST - 1;
  readonly #aside = new Map<number, Stream>();
  size = 0;

  get(number: number): Stream | undefined {
    const stream = this.#places[number & this.#mask];
    if (stream !== undefined && stream.number === number) return stream;
    return this.#aside.size === 0 ? undefined : this.#aside.get(number);
  }

  /** Its number is one that no stream here has. */
  add(stream: Stream): void {
    this.size += 1;
    const before = this.#places[stream.number & this.#mask];
    if (before !== undefined && this.size * 2 > this.#places.length && this.#places.length < MOST) this.#grow();
    this.#put(stream);
  }

  delete(stream: Stream): void {
    const place = stream.number & this.#mask;
    if (this.#places[place] === stream) this.#places[place] = undefined;
    else if (!this.#aside.delete(stream.number)) return;
    this.size -= 1;
  }

  /** Of all that are there, in no order. */
  *[Symbol.iterator](): Generator<Stream> {
    for (const stream of this.#places) if (stream !== undefined) yield stream;
    yield* this.#aside.values();
  }

  #put(stream: Stream): void {
    const place = stream.number & this.#mask;
    const before = this.#places[place];
    if (before !== undefined) this.#aside.set(before.number, before);
    this.#places[place] = stream;
  }

  #grow(): void {
    const all = [...this];
    this.#places = emptyPlaces(this.#places.length * 2);
    this.#mask = this.#places.length - 1;
    this.#aside.clear();
    for (const stream of all) this.#put(stream);
  }
}

function emptyPlaces(count: number): (Stream | undefined)[] {
  const places: (Stream | undefined)[] = [];
  for (let index = 0; index < count; index += 1) places.push(undefined);
  return places;
}
