import { emptyPlaces } from '../domain/empty-places.ts';
import { keyedHash } from './key-hash.ts';

const FEWEST = 1024;

/**
 * Things by key: a hash table with open addressing, whose hashes lie side by side; the keys lie in the items. A Map reads the keys of its
 * neighbours to tell that a new one is not there, and with tens of thousands of exchanges each such read is one from far memory.
 */
export class KeyTable<Key extends string, Item extends object> {
  readonly #low: number;
  readonly #high: number;
  readonly #hasKey: (item: Item, key: Key) => boolean;
  /** 0: free. */
  #hashes = new Int32Array(FEWEST);
  #items: (Item | undefined)[] = emptyPlaces(FEWEST);
  #mask = FEWEST - 1;
  #size = 0;

  /** `seed`: a whole number below 2^53 that senders do not know, so that they cannot choose keys that meet in one place. */
  constructor(seed: number, hasKey: (item: Item, key: Key) => boolean) {
    this.#hasKey = hasKey;
    this.#low = seed | 0;
    this.#high = (seed / 2 ** 32) | 0;
  }

  get(key: Key): Item | undefined {
    return this.find(key, this.hashOf(key));
  }

  /** For the calls below: never 0. */
  hashOf(key: Key): number {
    const hash = keyedHash(key, this.#low, this.#high);
    return hash === 0 ? 1 : hash;
  }

  find(key: Key, hash: number): Item | undefined {
    const place = this.#placeOf(key, hash);
    return place < 0 ? undefined : this.#items[place];
  }

  /** Also for a key that is there: it leads to this one then. The item has the key. */
  put(key: Key, hash: number, item: Item): void {
    const known = this.#placeOf(key, hash);
    if (known >= 0) {
      this.#items[known] = item;
      return;
    }
    if (this.#size >= this.#hashes.length / 2) this.#grow();
    this.#size += 1;
    this.#fill(this.#freeFrom(hash), hash, item);
  }

  /** One way to the item that has this hash, without a look at its key. */
  deleteOne(hash: number, item: Item): void {
    let place = hash & this.#mask;
    while (this.#hashes[place] !== 0) {
      if (this.#hashes[place] === hash && this.#items[place] === item) return this.#free(place);
      place = this.#after(place);
    }
  }

  /** What is there now, in no order; one with several keys comes as often. */
  items(): readonly Item[] {
    return this.#items.filter((item) => item !== undefined);
  }

  #free(from: number): void {
    let free = from;
    this.#size -= 1;
    // What stands behind it because its own place was taken moves up: nothing is left to be passed over.
    for (let place = this.#after(free); this.#hashes[place] !== 0; place = this.#after(place)) {
      const hash = this.#hashes[place] ?? 0;
      const away = (place - (hash & this.#mask)) & this.#mask;
      if (away < ((place - free) & this.#mask)) continue;
      this.#fill(free, hash, this.#items[place]);
      free = place;
    }
    this.#fill(free, 0, undefined);
  }

  #placeOf(key: Key, hash: number): number {
    const hashes = this.#hashes;
    for (let place = hash & this.#mask; hashes[place] !== 0; place = (place + 1) & this.#mask)
      if (hashes[place] === hash && this.#isAt(place, key)) return place;
    return -1;
  }

  #isAt(place: number, key: Key): boolean {
    const item = this.#items[place];
    return item !== undefined && this.#hasKey(item, key);
  }

  #freeFrom(hash: number): number {
    let place = hash & this.#mask;
    while (this.#hashes[place] !== 0) place = this.#after(place);
    return place;
  }

  #after(place: number): number {
    return (place + 1) & this.#mask;
  }

  #fill(place: number, hash: number, item: Item | undefined): void {
    this.#hashes[place] = hash;
    this.#items[place] = item;
  }

  #grow(): void {
    const [hashes, items] = [this.#hashes, this.#items];
    const length = hashes.length * 2;
    this.#hashes = new Int32Array(length);
    this.#items = emptyPlaces(length);
    this.#mask = length - 1;
    for (let place = 0; place < hashes.length; place += 1) {
      const hash = hashes[place] ?? 0;
      if (hash !== 0) this.#fill(this.#freeFrom(hash), hash, items[place]);
    }
  }
}
