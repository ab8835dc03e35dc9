import type { Holder, UnfinishedMessages } from './unfinished.ts';

/** Flag and length (u32, big-endian) in front of a message. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export const PREFIX_BYTES = 5;

/** A message that cannot be taken: compressed (Envoy sends none, and unpacking is work for strangers), larger than allowed, or one of those that held most when too much was held. */
export type MessageRefusal = 'compressed' | 'oversized' | 'unfinished';

export interface MessageListener {
  /** Only valid during the call. */
  message(bytes: Uint8Array): void;
  /** Nothing follows. */
  refused(why: MessageRefusal): void;
}

/** Cuts what a call sends into its messages. One that lies whole in a chunk is not copied. */
export class MessageReader implements Holder {
  readonly #listener: MessageListener;
  readonly #limit: number;
  readonly #unfinished: UnfinishedMessages;
  /** Bytes of the prefix that were read. */
  #prefix = 0;
  #length = 0;
  #buffer: Buffer | undefined;
  #have = 0;
  #over = false;

  constructor(listener: MessageListener, limit: number, unfinished: UnfinishedMessages) {
    this.#listener = listener;
    this.#limit = limit;
    this.#unfinished = unfinished;
  }

  read(chunk: Uint8Array, start: number, end: number): void {
    let at = start;
    while (!this.#over) {
      if (this.#prefix < PREFIX_BYTES) {
        at = this.#readPrefix(chunk, at, end);
        if (this.#prefix < PREFIX_BYTES || this.#over) return;
      }
      if (at === end && this.#length > 0) return;
      if (this.#have === 0 && end - at >= this.#length) {
        this.#prefix = 0;
        at += this.#length;
        this.#listener.message(chunk.subarray(at - this.#length, at));
      } else {
        at = this.#hold(chunk, at, end);
        if (this.#prefix !== 0) return;
      }
      if (at === end) return;
    }
  }

  /** Lets go of what is held: nothing is read any more. */
  stop(): void {
    this.#over = true;
    if (this.#buffer !== undefined) this.#unfinished.giveBack(this, this.#buffer);
    this.#buffer = undefined;
  }

  evicted(): void {
    this.#buffer = undefined;
    this.#refuse('unfinished');
  }

  #readPrefix(chunk: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#prefix === 0 && end - at >= PREFIX_BYTES) {
      this.#prefix = PREFIX_BYTES;
      this.#length =
        (chunk[at + 1] ?? 0) * 0x1000000 +
        (((chunk[at + 2] ?? 0) << 16) | ((chunk[at + 3] ?? 0) << 8) | (chunk[at + 4] ?? 0));
      this.#check(chunk[at] ?? 0);
      return at + PREFIX_BYTES;
    }
    for (; at < end && this.#prefix < PREFIX_BYTES && !this.#over; at++) {
      const byte = chunk[at] ?? 0;
      this.#length = this.#prefix === 0 ? 0 : this.#length * 256 + byte;
      this.#check(this.#prefix === 0 ? byte : 0);
      this.#prefix += 1;
    }
    return at;
  }

  #check(flag: number): void {
    if (flag !== 0) this.#refuse('compressed');
    else if (this.#length > this.#limit) this.#refuse('oversized');
  }

  /** Copies what is there of a message that straddles chunks, and hands it on when it is whole. Space doubles with what came, not with what was announced. */
  #hold(chunk: Uint8Array, at: number, end: number): number {
    const taken = Math.min(this.#length - this.#have, end - at);
    const needed = this.#have + taken;
    if (this.#buffer === undefined || this.#buffer.length < needed) {
      const room = Math.min(this.#length, 2 * needed);
      this.#buffer = this.#unfinished.grow(this, this.#buffer, this.#have, room);
    }
    // Evicted for its own growth.
    if (this.#buffer === undefined) return end;
    this.#buffer.set(chunk.subarray(at, at + taken), this.#have);
    this.#have = needed;
    if (needed === this.#length) this.#whole(this.#buffer);
    return at + taken;
  }

  #whole(buffer: Buffer): void {
    this.#prefix = 0;
    this.#have = 0;
    this.#listener.message(buffer.subarray(0, this.#length));
    // The listener may have ended the call.
    if (this.#buffer === undefined) return;
    this.#buffer = undefined;
    this.#unfinished.giveBack(this, buffer);
  }

  #refuse(why: MessageRefusal): void {
    if (this.#over) return;
    this.stop();
    this.#listener.refused(why);
  }
}
