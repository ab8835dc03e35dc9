/**
 * A flight recorder of fixed bytes: new records overwrite the oldest. One buffer, allocated once and never rearranged.
 *
 * A slot is a 12-byte prefix and a record (wire/segments/record.ts), contiguous; where the lap's rest is too short it is skipped:
 *
 *     0  u32  marks: fate in the low byte (of its own: holding.ts), Mark bits above; SKIP where the rest of the lap is unused
 *     4  f64  position of the stream's previous record, -1 for none: a stream's records are a chain, newest first, with no index beside it
 *    12       record
 *
 * A position counts bytes since the start (below 2^53), so it is unique, ordered by arrival, and tells by itself whether it was overwritten.
 */
import type { Segment } from '../domain/segment.ts';
import { peekAt, peekBytes, peekFlags, peekSequence, peekStream } from '../wire/segments/peek.ts';
import { recordBytes, writeRecord } from '../wire/segments/record.ts';
import type { Fate } from './fates.ts';

const PREFIX = 12;
const SKIP = 0xffff_ffff;
export const NOWHERE = -1;
/** A quarter of it is the largest record, whose length is 32 bits; one ArrayBuffer holds as much where there is the memory. */
export const MOST_RING_BYTES = 2 ** 34;

export const Mark = {
  /** Says who speaks or begins a direction: pinned when age reaches it and its stream still needs it. */
  head: 0x100,
  /** Bytes of a connection from before any inbound exchange. */
  prologue: 0x200,
} as const;

export class Ring {
  readonly capacity: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #evicting: (position: number) => void;
  #head = 0;
  /** Position at which the lap of the head begins. */
  #lap = 0;
  #tail = 0;

  /** `evicting` is called before a record is overwritten, while it can still be read; it must not append. */
  constructor(bytes: number, evicting: (position: number) => void) {
    this.capacity = Math.max(4096, bytes - (bytes % 8));
    this.#bytes = new Uint8Array(this.capacity);
    this.#view = new DataView(this.#bytes.buffer);
    this.#evicting = evicting;
  }

  /** A larger record would push out too much of what others need. Bytes of the record. */
  get largestRecord(): number {
    return this.capacity / 4 - PREFIX;
  }

  /** Returns the record's position, or NOWHERE when it is larger than `largestRecord`. */
  append(segment: Segment, previous: number, marks: number): number {
    const size = PREFIX + recordBytes(segment.payload.length);
    if (size > this.capacity / 4) return NOWHERE;
    const rest = this.#lap + this.capacity - this.#head;
    if (rest < size) this.#skip(rest);
    this.#makeRoom(this.#head + size);
    const offset = this.#head - this.#lap;
    this.#view.setUint32(offset, marks, true);
    this.#view.setFloat64(offset + 4, previous, true);
    writeRecord(this.#bytes, this.#view, offset + PREFIX, segment);
    const position = this.#head;
    this.#advance(size);
    return position;
  }

  has(position: number): boolean {
    return position >= this.#tail && position < this.#head;
  }

  /** Position of the stream's record before this one; it may be overwritten already. */
  previousOf(position: number): number {
    return this.#view.getFloat64(this.#offsetOf(position) + 4, true);
  }

  fateOf(position: number): Fate {
    return this.#view.getUint8(this.#offsetOf(position)) as Fate;
  }

  setFate(position: number, fate: Fate): void {
    this.#view.setUint8(this.#offsetOf(position), fate);
  }

  hasMark(position: number, mark: number): boolean {
    return (this.#view.getUint32(this.#offsetOf(position), true) & mark) !== 0;
  }

  /** Bytes of the record, without the prefix. */
  bytesOf(position: number): number {
    return peekBytes(this.#view, this.#offsetOf(position) + PREFIX);
  }

  streamOf(position: number): number {
    return peekStream(this.#view, this.#offsetOf(position) + PREFIX);
  }

  sequenceOf(position: number): number {
    return peekSequence(this.#view, this.#offsetOf(position) + PREFIX);
  }

  flagsOf(position: number): number {
    return peekFlags(this.#view, this.#offsetOf(position) + PREFIX);
  }

  /** Arrival, Unix ms. */
  atOf(position: number): number {
    return peekAt(this.#view, this.#offsetOf(position) + PREFIX);
  }

  /** The record where it lies: only valid until the next append. Undefined when overwritten. */
  read(position: number): Uint8Array | undefined {
    if (!this.has(position)) return undefined;
    const start = this.#offsetOf(position) + PREFIX;
    return this.#bytes.subarray(start, start + peekBytes(this.#view, start));
  }

  /** Arrival of the oldest record, Unix ms; undefined while empty. */
  get oldestAt(): number | undefined {
    if (this.#tail === this.#head) return undefined;
    const oldest = this.#isSkip() ? this.#lapAfter(this.#tail) : this.#tail;
    return oldest < this.#head ? this.atOf(oldest) : undefined;
  }

  /** Without a division, which costs much for positions above 2^31. */
  #offsetOf(position: number): number {
    const inLap = position - this.#lap;
    if (inLap >= 0) return inLap < this.capacity ? inLap : position % this.capacity;
    return inLap >= -this.capacity ? inLap + this.capacity : position % this.capacity;
  }

  #advance(bytes: number): void {
    this.#head += bytes;
    if (this.#head - this.#lap >= this.capacity) this.#lap += this.capacity;
  }

  #skip(rest: number): void {
    this.#makeRoom(this.#head + rest);
    this.#view.setUint32(this.#head - this.#lap, SKIP, true);
    this.#advance(rest);
  }

  #makeRoom(until: number): void {
    while (until - this.#tail > this.capacity) {
      const skip = this.#isSkip();
      if (!skip) this.#evicting(this.#tail);
      this.#tail = skip ? this.#lapAfter(this.#tail) : this.#tail + PREFIX + this.bytesOf(this.#tail);
    }
  }

  #lapAfter(position: number): number {
    return position + this.capacity - this.#offsetOf(position);
  }

  #isSkip(): boolean {
    return this.#view.getUint32(this.#offsetOf(this.#tail), true) === SKIP;
  }
}
