/** First in, first out, in constant time however many wait: `Array.shift` moves all that are left, and a pipeline may be hundreds of thousands long. */
export class Fifo<Item> {
  #items: Item[] = [];
  /** Items in front of it are gone. */
  #head = 0;

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.first;
    if (this.size === 0) return undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** Those that are not accepted leave. */
  keep(accept: (item: Item) => boolean): void {
    this.#compact();
    this.#items = this.#items.filter(accept);
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

const COMPACT_AT = 64;

/** Questions of one connection that may wait for their answers: beyond it nobody reads them, and their memory is the recorder's. */
export const MOST_WAITING = 262_144;
