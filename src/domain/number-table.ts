import { emptyPlaces } from './empty-places.ts';

const MOST = 1 << 20;

/** What has a number of its own. */
export interface Numbered {
  readonly number: number;
}

/**
 * Things by numbers which only grow but for once in days: each has its place in a table. The table grows with what lives at once. What still lives
 * when its place is wanted again, a whole table later, moves aside; those are few, as connections are against exchanges.
 */
export class NumberTable<Item extends Numbered> {
  #places: (Item | undefined)[];
  #mask: number;
  readonly #aside = new Map<number, Item>();
  size = 0;

  /** `fewest`: places it begins with, a power of two. */
  constructor(fewest: number) {
    this.#places = emptyPlaces(fewest);
    this.#mask = fewest - 1;
  }

  get(number: number): Item | undefined {
    const item = this.#places[number & this.#mask];
    if (item !== undefined && item.number === number) return item;
    return this.#aside.size === 0 ? undefined : this.#aside.get(number);
  }

  /** Its number is one that nothing here has. */
  add(item: Item): void {
    this.size += 1;
    const before = this.#places[item.number & this.#mask];
    if (before !== undefined && this.size * 2 > this.#places.length && this.#places.length < MOST) this.#grow();
    this.#put(item);
  }

  delete(item: Item): void {
    const place = item.number & this.#mask;
    if (this.#places[place] === item) this.#places[place] = undefined;
    else if (!this.#aside.delete(item.number)) return;
    this.size -= 1;
  }

  /** Of all that are there, in no order. */
  *[Symbol.iterator](): Generator<Item> {
    for (const item of this.#places) if (item !== undefined) yield item;
    yield* this.#aside.values();
  }

  #put(item: Item): void {
    const place = item.number & this.#mask;
    const before = this.#places[place];
    if (before !== undefined) this.#aside.set(before.number, before);
    this.#places[place] = item;
  }

  #grow(): void {
    const all = [...this];
    this.#places = emptyPlaces<Item>(this.#places.length * 2);
    this.#mask = this.#places.length - 1;
    this.#aside.clear();
    for (const item of all) this.#put(item);
  }
}
