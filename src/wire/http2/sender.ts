import { DEFAULT_WINDOW, Flag, Frame, LARGEST_WINDOW, SMALLEST_MAX_FRAME } from './frame.ts';
import type { Output } from './output.ts';
import type { Stream, Waiting } from './stream.ts';

/** What holding something costs beyond its bytes. */
const WAITING_BYTES = 64;

/** Sends what the peer's windows allow, and holds the rest. https://www.rfc-editor.org/rfc/rfc9113#section-5.2 */
export class Sender {
  readonly #output: Output;
  readonly #ended: (stream: Stream) => void;
  /** Those that the window of the connection alone holds back. */
  readonly #blocked = new Set<Stream>();
  #window = DEFAULT_WINDOW;
  #initial = DEFAULT_WINDOW;
  #frameBytes = SMALLEST_MAX_FRAME;
  #waitingBytes = 0;

  /** `ended` hears of each stream whose last byte went out. */
  constructor(output: Output, ended: (stream: Stream) => void) {
    this.#output = output;
    this.#ended = ended;
  }

  /** Bytes held for want of windows. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** SETTINGS_MAX_FRAME_SIZE of the peer. */
  set frameBytes(bytes: number) {
    this.#frameBytes = bytes;
  }

  block(stream: Stream, bytes: Uint8Array, end: boolean): void {
    if (stream.waiting !== undefined) {
      this.#wait(stream, { bytes, isBlock: true, end });
      return;
    }
    this.#writeBlock(stream, bytes, end);
    if (end) this.#ended(stream);
  }

  /** What the windows do not allow is held, and not copied. */
  data(stream: Stream, bytes: Uint8Array, end: boolean): void {
    if (stream.waiting === undefined && this.#writeData(stream, bytes, end)) {
      stream.sent = 0;
      if (end) this.#ended(stream);
      return;
    }
    this.#wait(stream, { bytes, isBlock: false, end });
  }

  /** False: the window would become larger than a window may be. */
  openConnection(increment: number): boolean {
    this.#window += increment;
    if (this.#window > LARGEST_WINDOW) return false;
    for (const stream of this.#blocked) {
      if (this.#window <= 0) break;
      this.#flush(stream);
    }
    return true;
  }

  openStream(stream: Stream, increment: number): boolean {
    stream.granted += increment;
    if (this.#initial + stream.granted > LARGEST_WINDOW) return false;
    if (stream.waiting !== undefined) this.#flush(stream);
    return true;
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE of the peer, which changes all windows, below zero too. `streams`: all that are open. */
  setInitial(window: number, streams: Iterable<Stream>): boolean {
    const isLarger = window > this.#initial;
    this.#initial = window;
    if (isLarger) for (const { granted } of streams) if (window + granted > LARGEST_WINDOW) return false;
    return true;
  }

  /** Sends what the windows allow by now. */
  flush(streams: Iterable<Stream>): void {
    if (this.#waitingBytes === 0) return;
    for (const stream of streams) if (stream.waiting !== undefined) this.#flush(stream);
  }

  forget(stream: Stream): void {
    for (const { bytes } of stream.waiting ?? []) this.#waitingBytes -= bytes.length + WAITING_BYTES;
    if (stream.waiting !== undefined) this.#waitingBytes += stream.sent;
    stream.waiting = undefined;
    this.#blocked.delete(stream);
  }

  #wait(stream: Stream, waiting: Waiting): void {
    if (stream.waiting === undefined) {
      stream.waiting = [];
      this.#waitingBytes -= stream.sent;
      this.#markBlocked(stream);
    }
    stream.waiting.push(waiting);
    this.#waitingBytes += waiting.bytes.length + WAITING_BYTES;
  }

  /** A stream that its own window holds back is not asked again for each window of the connection. */
  #markBlocked(stream: Stream): void {
    if (stream.waiting !== undefined && this.#window <= 0) this.#blocked.add(stream);
    else this.#blocked.delete(stream);
  }

  #flush(stream: Stream): void {
    for (;;) {
      const first = stream.waiting?.[0];
      if (first === undefined || !this.#writeWaiting(stream, first)) break;
      stream.waiting?.shift();
      this.#waitingBytes -= WAITING_BYTES;
      stream.sent = 0;
      if (stream.waiting?.length === 0) stream.waiting = undefined;
      if (first.end) this.#ended(stream);
    }
    this.#markBlocked(stream);
  }

  /** True: all of it. */
  #writeWaiting(stream: Stream, { bytes, isBlock, end }: Waiting): boolean {
    const before = stream.sent;
    const isDone = isBlock || this.#writeData(stream, bytes, end);
    if (isBlock) this.#writeBlock(stream, bytes, end);
    this.#waitingBytes -= (isDone ? bytes.length : stream.sent) - before;
    return isDone;
  }

  /** From `stream.sent` on, which says how far it came; true: to the end. */
  #writeData(stream: Stream, bytes: Uint8Array, end: boolean): boolean {
    for (;;) {
      const start = stream.sent;
      const left = bytes.length - start;
      const count = Math.min(left, this.#frameBytes, this.#window, this.#initial + stream.granted);
      if (count <= 0 && left > 0) return false;
      // Of nothing, nothing is taken from windows, which may be below zero.
      const next = start + Math.max(0, count);
      const isLast = next === bytes.length;
      this.#output.frame(Frame.data, isLast && end ? Flag.endStream : 0, stream.id, bytes, start, next);
      this.#window -= next - start;
      stream.granted -= next - start;
      stream.sent = next;
      if (isLast) return true;
    }
  }

  #writeBlock(stream: Stream, bytes: Uint8Array, end: boolean): void {
    const ends = end ? Flag.endStream : 0;
    for (let at = 0; at === 0 || at < bytes.length; at += this.#frameBytes) {
      const next = Math.min(bytes.length, at + this.#frameBytes);
      const flags = next === bytes.length ? Flag.endHeaders : 0;
      if (at === 0) this.#output.frame(Frame.headers, ends | flags, stream.id, bytes, 0, next);
      else this.#output.frame(Frame.continuation, flags, stream.id, bytes, at, next);
    }
  }
}
