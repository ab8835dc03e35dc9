/** Bytes that come in pieces of any size, taken in those that are wanted. */
import { damaged, LoopFileError, tooLarge } from './errors.ts';

/** So much is compared with zeros at once. */
const ZEROS = Buffer.alloc(64 * 1024);

export class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #totalBytes: number;
  #rest: Uint8Array = new Uint8Array();
  #seen = 0;

  /** Ends with LoopFileError `too-large` behind `totalBytes`. */
  constructor(source: Uint8Array | AsyncIterable<Uint8Array>, totalBytes: number) {
    this.#source = source instanceof Uint8Array ? only(source) : source[Symbol.asyncIterator]();
    this.#totalBytes = totalBytes;
  }

  /**
   * The next `bytes` bytes; undefined when there are not as many. Not a copy where they came in one piece. Room for a claimed length is
   * reserved, not filled: what never comes costs no memory. Rejects with LoopFileError.
   */
  async take(bytes: number): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0 && bytes > 0) await this.#pull();
    if (this.#rest.length >= bytes) return this.#cut(bytes);
    const whole = Buffer.allocUnsafeSlow(bytes);
    let filled = 0;
    while (filled < bytes) {
      if (this.#rest.length === 0 && !(await this.#pull())) return undefined;
      const piece = this.#cut(Math.min(this.#rest.length, bytes - filled));
      whole.set(piece, filled);
      filled += piece.length;
    }
    return whole;
  }

  /** How many zeros are left, when nothing else is and there are at most `most`; else undefined. */
  async zeros(most: number): Promise<number | undefined> {
    let count = 0;
    while (this.#rest.length > 0 || (await this.#pull())) {
      const piece = this.#cut(Math.min(this.#rest.length, ZEROS.length));
      count += piece.length;
      if (count > most || !ZEROS.subarray(0, piece.length).equals(piece)) return undefined;
    }
    return count;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #cut(bytes: number): Uint8Array {
    const piece = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return piece;
  }

  async #pull(): Promise<boolean> {
    const next = await this.#source.next().catch((cause: unknown) => {
      if (cause instanceof LoopFileError) throw cause;
      throw damaged('it did not come to its end', { cause });
    });
    if (next.done === true) return false;
    this.#seen += next.value.length;
    if (this.#seen > this.#totalBytes) throw tooLarge(`it has more than ${this.#totalBytes} bytes`);
    this.#rest = next.value;
    return true;
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
