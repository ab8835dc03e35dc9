import { Flag, Frame, HEAD_BYTES } from './frame.ts';

const FIRST_BYTES = 512;

/** Frames that wait to be written, in one buffer. */
export class Output {
  #bytes: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All of it; it is the taker's. */
  take(): Buffer | undefined {
    const taken = this.#bytes?.subarray(0, this.#length);
    this.#bytes = undefined;
    this.#length = 0;
    return taken;
  }

  /** One frame with the bytes of `payload` from `start` to `end`. */
  frame(type: number, flags: number, stream: number, payload: Uint8Array, start: number, end: number): void {
    const bytes = this.#head(end - start, type, flags, stream);
    if (start === 0 && end === payload.length) bytes.set(payload, this.#length);
    else bytes.set(payload.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  reset(stream: number, code: number): void {
    this.#head(4, Frame.resetStream, 0, stream);
    this.#uint32(code);
  }

  windowUpdate(stream: number, bytes: number): void {
    this.#head(4, Frame.windowUpdate, 0, stream);
    this.#uint32(bytes);
  }

  goAway(last: number, code: number): void {
    this.#head(8, Frame.goAway, 0, 0);
    this.#uint32(last);
    this.#uint32(code);
  }

  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    this.#head(6 * pairs.length, Frame.settings, 0, 0);
    for (const [id, value] of pairs) {
      this.#byte(id >>> 8);
      this.#byte(id);
      this.#uint32(value);
    }
  }

  settingsAck(): void {
    this.#head(0, Frame.settings, Flag.ack, 0);
  }

  /** Makes room and writes the head. */
  #head(length: number, type: number, flags: number, stream: number): Buffer {
    const bytes = this.#room(HEAD_BYTES + length);
    const at = this.#length;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    this.#length += 5;
    this.#uint32(stream);
    return bytes;
  }

  #byte(value: number): void {
    if (this.#bytes !== undefined) this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  #uint32(value: number): void {
    this.#byte(value >>> 24);
    this.#byte(value >>> 16);
    this.#byte(value >>> 8);
    this.#byte(value);
  }

  #room(count: number): Buffer {
    const needed = this.#length + count;
    const bytes = this.#bytes;
    if (bytes !== undefined && needed <= bytes.length) return bytes;
    const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, needed, 2 * (bytes?.length ?? 0)));
    bytes?.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    return larger;
  }
}
