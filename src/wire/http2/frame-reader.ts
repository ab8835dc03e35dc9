import { ErrorCode, Flag, Frame, HEAD_BYTES, PREFACE } from './frame.ts';

/** What hears of frames. An error code other than 0 ends the connection with it. */
export interface FrameListener {
  /** Before any payload of DATA: `length` bytes count against windows, padding too. */
  dataBegins(stream: number, length: number, flags: number): void;
  /** Some of it, as it came; never empty. */
  data(chunk: Buffer, start: number, end: number): void;
  dataEnds(flags: number): void;
  /** Any other frame that is known, whole. */
  frame(type: number, flags: number, stream: number, payload: Buffer, start: number, end: number): void;
  /** Its payload is passed over. */
  unknown(): void;
  failed(code: number, what: string): void;
}

const NOTHING: Buffer = Buffer.alloc(0);
/** A buffer for frames that straddle chunks is given back when it is larger. */
const KEPT_BYTES = 1024;

/** How a payload is read. */
type Phase = 'preface' | 'head' | 'pad' | 'data' | 'padding' | 'whole' | 'skip';

/** Cuts what a client sends into frames. Payloads of DATA go on as they come; of the rest only what straddles chunks is held. */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #frameBytes: number;
  #phase: Phase = 'preface';
  #stopped = false;
  /** Bytes of the phase that are still to come. */
  #left = PREFACE.length;
  #padding = 0;
  #length = 0;
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** The part of a head, or of a payload that is read whole, which came in chunks before. */
  #held = NOTHING;
  #heldLength = 0;

  constructor(listener: FrameListener, frameBytes: number) {
    this.#listener = listener;
    this.#frameBytes = frameBytes;
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#stopped = true;
    this.#held = NOTHING;
  }

  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      if (this.#phase === 'head') at = this.#head(chunk, at);
      else if (this.#phase === 'data') at = this.#data(chunk, at);
      else if (this.#phase === 'whole') at = this.#whole(chunk, at);
      else at = this.#rare(chunk, at);
    }
  }

  #rare(chunk: Buffer, at: number): number {
    if (this.#phase === 'preface') return this.#preface(chunk, at);
    if (this.#phase === 'pad') return this.#pad(chunk, at);
    const taken = Math.min(this.#left, chunk.length - at);
    this.#left -= taken;
    if (this.#left === 0) {
      if (this.#phase === 'padding') this.#listener.dataEnds(this.#flags);
      this.#begin();
    }
    return at + taken;
  }

  #preface(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#left, chunk.length - at);
    const from = PREFACE.length - this.#left;
    if (chunk.compare(PREFACE, from, from + taken, at, at + taken) !== 0)
      this.#fail(ErrorCode.protocolError, 'what came first is not the preface of HTTP/2');
    this.#left -= taken;
    if (this.#left === 0) this.#begin();
    return at + taken;
  }

  #begin(): void {
    this.#phase = 'head';
    this.#heldLength = 0;
  }

  #head(chunk: Buffer, at: number): number {
    if (this.#heldLength === 0 && chunk.length - at >= HEAD_BYTES) {
      this.#headAt(chunk, at);
      return at + HEAD_BYTES;
    }
    const next = this.#hold(chunk, at, HEAD_BYTES);
    if (this.#heldLength === HEAD_BYTES) {
      this.#heldLength = 0;
      this.#headAt(this.#held, 0);
    }
    return next;
  }

  #headAt(bytes: Buffer, at: number): void {
    this.#length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    this.#type = bytes[at + 3] ?? 0;
    this.#flags = bytes[at + 4] ?? 0;
    this.#stream =
      (((bytes[at + 5] ?? 0) & 0x7f) << 24) |
      ((bytes[at + 6] ?? 0) << 16) |
      ((bytes[at + 7] ?? 0) << 8) |
      (bytes[at + 8] ?? 0);
    if (this.#length > this.#frameBytes)
      this.#fail(ErrorCode.frameSizeError, `a frame of ${this.#length} bytes; ${this.#frameBytes} are allowed`);
    else if (this.#type === Frame.data) this.#beginData();
    else if (this.#type > Frame.continuation) this.#beginUnknown();
    else if (this.#length > 0) {
      this.#phase = 'whole';
      this.#left = this.#length;
    } else this.#listener.frame(this.#type, this.#flags, this.#stream, NOTHING, 0, 0);
  }

  #beginUnknown(): void {
    this.#listener.unknown();
    this.#phase = this.#length > 0 ? 'skip' : 'head';
    this.#left = this.#length;
  }

  #beginData(): void {
    this.#listener.dataBegins(this.#stream, this.#length, this.#flags);
    this.#padding = 0;
    this.#left = this.#length;
    if ((this.#flags & Flag.padded) !== 0) this.#phase = 'pad';
    else if (this.#length > 0) this.#phase = 'data';
    else this.#listener.dataEnds(this.#flags);
    if (this.#phase === 'pad' && this.#length === 0)
      this.#fail(ErrorCode.frameSizeError, 'a padded frame without its length of padding');
  }

  #pad(chunk: Buffer, at: number): number {
    this.#padding = chunk[at] ?? 0;
    this.#left = this.#length - 1 - this.#padding;
    if (this.#left < 0)
      this.#fail(ErrorCode.protocolError, `${this.#padding} bytes of padding in a frame of ${this.#length}`);
    this.#phase = 'data';
    if (this.#left === 0) this.#endData();
    return at + 1;
  }

  #data(chunk: Buffer, at: number): number {
    const end = Math.min(at + this.#left, chunk.length);
    this.#left -= end - at;
    this.#listener.data(chunk, at, end);
    if (this.#left === 0) this.#endData();
    return end;
  }

  #endData(): void {
    if (this.#padding > 0) {
      this.#phase = 'padding';
      this.#left = this.#padding;
      return;
    }
    this.#begin();
    this.#listener.dataEnds(this.#flags);
  }

  #whole(chunk: Buffer, at: number): number {
    if (this.#heldLength === 0 && chunk.length - at >= this.#length) {
      this.#begin();
      this.#listener.frame(this.#type, this.#flags, this.#stream, chunk, at, at + this.#length);
      return at + this.#length;
    }
    const next = this.#hold(chunk, at, this.#length);
    if (this.#heldLength < this.#length) return next;
    const held = this.#held;
    if (held.length > KEPT_BYTES) this.#held = NOTHING;
    this.#begin();
    this.#listener.frame(this.#type, this.#flags, this.#stream, held, 0, this.#length);
    return next;
  }

  /** Takes what is there of `count` bytes. */
  #hold(chunk: Buffer, at: number, count: number): number {
    const end = Math.min(chunk.length, at + count - this.#heldLength);
    if (this.#held.length < this.#heldLength + end - at) {
      const larger = Buffer.allocUnsafeSlow(Math.max(64, Math.min(count, 2 * (this.#heldLength + end - at))));
      this.#held.copy(larger, 0, 0, this.#heldLength);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldLength, at, end);
    this.#heldLength += end - at;
    return end;
  }

  #fail(code: number, what: string): void {
    this.stop();
    this.#listener.failed(code, what);
  }
}
