/** Reads the frames of one direction of an HTTP/2 connection along. https://www.rfc-editor.org/rfc/rfc9113#section-4.1 */
import type { Header } from '../../../src/domain/exchange.ts';
import { HpackReader } from './hpack.ts';

export interface FrameListener {
  headers(stream: number, headers: readonly Header[]): void;
  data(stream: number, bytes: Uint8Array): void;
  /** That side sends nothing more on it. */
  ended(stream: number): void;
  reset(stream: number, code: number): void;
}

const HEAD = 9;
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const PUSH_PROMISE = 5;
const CONTINUATION = 9;
const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const PRIORITY = 0x20;

/** Of a header block in all its frames; beyond it the reading ends. */
const LARGEST_BLOCK = 1024 * 1024;
const MOST_FRAMES = 1024;

export class FrameReader {
  readonly #listener: FrameListener;
  readonly #hpack = new HpackReader();
  #pending: Buffer;
  #isLost = false;
  /** What precedes the first frame: the client's preface. */
  #skip: number;
  /** Header blocks may come in several frames, with nothing between them. */
  #block:
    | { readonly stream: number; readonly ends: boolean; readonly isPush: boolean; readonly parts: Uint8Array[] }
    | undefined;

  constructor(listener: FrameListener, skip: number) {
    this.#listener = listener;
    this.#pending = Buffer.alloc(0);
    this.#skip = skip;
  }

  /** What cannot be read ends the reading, nothing else. */
  push(bytes: Uint8Array): void {
    if (this.#isLost) return;
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    this.#pending = Buffer.concat([this.#pending, bytes.subarray(skipped)]);
    for (let frame = this.#next(); frame !== undefined && !this.#isLost; frame = this.#next()) this.#read(frame);
  }

  #next(): Buffer | undefined {
    if (this.#pending.length < HEAD) return undefined;
    const length = HEAD + this.#pending.readUIntBE(0, 3);
    if (this.#pending.length < length) return undefined;
    const frame = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return frame;
  }

  #read(frame: Buffer): void {
    const type = frame[3];
    const flags = frame[4] ?? 0;
    const stream = frame.readUInt32BE(5) & 0x7fffffff;
    const payload = frame.subarray(HEAD);
    const ends = (flags & END_STREAM) !== 0;
    if (type === DATA) {
      this.#listener.data(stream, unpadded(payload, flags, 0));
      if (ends) this.#listener.ended(stream);
    } else if (type === HEADERS || type === PUSH_PROMISE) {
      const isPush = type === PUSH_PROMISE;
      const front = isPush ? 4 : (flags & PRIORITY) !== 0 ? 5 : 0;
      this.#block = { stream, ends: ends && !isPush, isPush, parts: [unpadded(payload, flags, front)] };
      if ((flags & END_HEADERS) !== 0) this.#endBlock();
    } else if (type === CONTINUATION) {
      this.#more(payload);
      if ((flags & END_HEADERS) !== 0) this.#endBlock();
    } else if (type === RST_STREAM && payload.length >= 4) this.#listener.reset(stream, payload.readUInt32BE(0));
  }

  #more(payload: Buffer): void {
    const parts = this.#block?.parts ?? [];
    parts.push(payload);
    if (parts.reduce((sum, { length }) => sum + length, 0) <= LARGEST_BLOCK && parts.length <= MOST_FRAMES) return;
    this.#block = undefined;
    this.#isLost = true;
    this.#pending = Buffer.alloc(0);
  }

  #endBlock(): void {
    const block = this.#block;
    this.#block = undefined;
    if (block === undefined) return;
    const headers = this.#hpack.read(Buffer.concat(block.parts));
    if (headers === undefined) {
      this.#isLost = true;
      return;
    }
    // What is pushed is another call's; its block is read for what it says to the table.
    if (!block.isPush) this.#listener.headers(block.stream, headers);
    if (block.ends) this.#listener.ended(block.stream);
  }
}

/** `front`: bytes of other fields before what counts. */
function unpadded(payload: Buffer, flags: number, front: number): Buffer {
  const isPadded = (flags & PADDED) !== 0;
  const padding = isPadded ? (payload[0] ?? 0) : 0;
  return payload.subarray((isPadded ? 1 : 0) + front, Math.max(0, payload.length - padding));
}
