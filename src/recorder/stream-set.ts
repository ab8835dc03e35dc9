import type { Stream } from './streams.ts';

/** The streams of one transaction, in the order they joined it. Most have one: it is held without a Set. */
export class StreamSet implements Iterable<Stream> {
  #one: Stream | undefined;
  #all: Set<Stream> | undefined;

  get size(): number {
    if (this.#all !== undefined) return this.#all.size;
    return this.#one === undefined ? 0 : 1;
  }

  /** The only one, where there is one: without an iterator, which most transactions need not pay for. */
  get only(): Stream | undefined {
    return this.#one;
  }

  has(stream: Stream): boolean {
    return this.#all === undefined ? this.#one === stream : this.#all.has(stream);
  }

  add(stream: Stream): void {
    if (this.#all !== undefined) this.#all.add(stream);
    else if (this.#one === undefined) this.#one = stream;
    else if (this.#one !== stream) {
      this.#all = new Set([this.#one, stream]);
      this.#one = undefined;
    }
  }

  delete(stream: Stream): void {
    if (this.#all !== undefined) this.#all.delete(stream);
    else if (this.#one === stream) this.#one = undefined;
  }

  clear(): void {
    this.#one = undefined;
    this.#all = undefined;
  }

  /** Streams may be deleted while it runs, as with a Set. */
  [Symbol.iterator](): Iterator<Stream> {
    if (this.#all !== undefined) return this.#all.values();
    return (this.#one === undefined ? NONE : [this.#one]).values();
  }
}

const NONE: readonly Stream[] = [];
