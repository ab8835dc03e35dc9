/** Who holds a message that is not whole. */
export interface Holder {
  /** Its buffer has been taken away: too much was held, and it held most. */
  evicted(): void;
}

/** Buffers are of 2^n bytes, from this n on. */
const SMALLEST = 10;
/** What is kept to be used again, bytes. */
const SPARE_BYTES = 8 * 1024 * 1024;

/**
 * Memory for messages that are not whole yet, of all calls of a worker together. When it is more than the limit, those who hold most lose what
 * they hold, until it fits.
 */
export class UnfinishedMessages {
  readonly #limit: number;
  /** By the size of what they hold, as a power of two. */
  readonly #holders: Set<Holder>[] = [];
  readonly #spare: Buffer[][] = [];
  #spareBytes = 0;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held. */
  get held(): number {
    return this.#held;
  }

  /** A buffer of at least `bytes` in place of `former`, with its first `used` bytes; undefined when the holder has been evicted for it. */
  grow(holder: Holder, former: Buffer | undefined, used: number, bytes: number): Buffer | undefined {
    const power = powerFor(bytes);
    this.#leave(holder, former);
    this.#join(holder, power);
    while (this.#held > this.#limit) if (this.#evictLargest() === holder) return undefined;
    const larger = this.#take(power);
    former?.copy(larger, 0, 0, used);
    if (former !== undefined) this.#keep(former);
    return larger;
  }

  /** The message is whole, or will never be. */
  giveBack(holder: Holder, buffer: Buffer): void {
    this.#leave(holder, buffer);
    this.#keep(buffer);
  }

  #evictLargest(): Holder | undefined {
    for (let power = this.#holders.length - 1; power >= SMALLEST; power--) {
      for (const holder of this.#holders[power] ?? []) {
        this.#holders[power]?.delete(holder);
        this.#held -= 2 ** power;
        holder.evicted();
        return holder;
      }
    }
    return undefined;
  }

  #join(holder: Holder, power: number): void {
    (this.#holders[power] ??= new Set()).add(holder);
    this.#held += 2 ** power;
  }

  #leave(holder: Holder, buffer: Buffer | undefined): void {
    if (buffer === undefined) return;
    if (this.#holders[powerFor(buffer.length)]?.delete(holder) === true) this.#held -= buffer.length;
  }

  #take(power: number): Buffer {
    const spare = this.#spare[power]?.pop();
    if (spare === undefined) return Buffer.allocUnsafeSlow(2 ** power);
    this.#spareBytes -= spare.length;
    return spare;
  }

  #keep(buffer: Buffer): void {
    if (this.#spareBytes + buffer.length > SPARE_BYTES) return;
    this.#spareBytes += buffer.length;
    (this.#spare[powerFor(buffer.length)] ??= []).push(buffer);
  }
}

function powerFor(bytes: number): number {
  return Math.max(SMALLEST, 32 - Math.clz32(bytes - 1));
}
