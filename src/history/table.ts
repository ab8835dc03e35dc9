import { createHash } from 'node:crypto';
import type { StreamNote } from '../recorder/notes.ts';

/** Of one block; a block that would have more ends. */
const TABLE_STREAMS = 2048;
const TABLE_KEYS = 2 * TABLE_STREAMS;

const CONVERSATION = 1;
const GIVEN = 2;

/**
 * Which streams are in a block, held in memory for every block: about 21 bytes a stream, 64 KiB a block at most. Keys and instances are digests of
 * 48 bits, enough to leave out nearly all blocks; what is read then tells for sure.
 */
export class Table {
  #count = 0;
  #keyCount = 0;
  #streams = new Uint32Array(TABLE_STREAMS);
  #bits = new Uint8Array(TABLE_STREAMS);
  #instances = new Float64Array(TABLE_STREAMS);
  #keys = new Float64Array(TABLE_KEYS);
  readonly #known = new Set<number>();

  get isFull(): boolean {
    return this.#count === TABLE_STREAMS;
  }

  get bytes(): number {
    return this.#streams.byteLength + this.#bits.byteLength + this.#instances.byteLength + this.#keys.byteLength;
  }

  /** A stream that may be in it already, of which more is known now. Nothing is known of streams without a note but their number. */
  add(stream: number, note: StreamNote | undefined): void {
    const known = this.#row(stream);
    const row = known === -1 ? this.#count : known;
    this.#streams[row] = stream;
    if (known === -1) this.#count += 1;
    if (note === undefined) return;
    if (note.protocol !== '') this.#bits[row] = (this.#bits[row] ?? 0) | CONVERSATION;
    this.#instances[row] = digestOf(note.instance);
    for (const key of note.keys) {
      const digest = digestOf(key);
      if (this.#keyCount === TABLE_KEYS || this.#known.has(digest)) continue;
      this.#known.add(digest);
      this.#keys[this.#keyCount] = digest;
      this.#keyCount += 1;
    }
  }

  /** Nothing is added any more. */
  close(): void {
    this.#known.clear();
    this.#streams = this.#streams.slice(0, this.#count);
    this.#bits = this.#bits.slice(0, this.#count);
    this.#instances = this.#instances.slice(0, this.#count);
    this.#keys = this.#keys.slice(0, this.#keyCount);
  }

  hasKey(digest: number): boolean {
    return this.#keys.indexOf(digest) !== -1;
  }

  /** Numbers of all streams in it. */
  streams(): Uint32Array {
    return this.#streams.subarray(0, this.#count);
  }

  hasStream(stream: number): boolean {
    return this.#row(stream) !== -1;
  }

  /** Numbers of the connections of an instance. */
  conversationsOf(instanceDigest: number): readonly number[] {
    const found: number[] = [];
    let row = this.#instances.indexOf(instanceDigest);
    while (row !== -1 && row < this.#count) {
      if (((this.#bits[row] ?? 0) & CONVERSATION) !== 0) found.push(this.#streams[row] ?? 0);
      row = this.#instances.indexOf(instanceDigest, row + 1);
    }
    return found;
  }

  /** True once: what a stream has in this block was given out. */
  give(stream: number): boolean {
    const row = this.#row(stream);
    if (row === -1 || ((this.#bits[row] ?? 0) & GIVEN) !== 0) return false;
    this.#bits[row] = (this.#bits[row] ?? 0) | GIVEN;
    return true;
  }

  wasGiven(stream: number): boolean {
    const row = this.#row(stream);
    return row !== -1 && ((this.#bits[row] ?? 0) & GIVEN) !== 0;
  }

  #row(stream: number): number {
    const row = this.#streams.indexOf(stream);
    return row < this.#count ? row : -1;
  }
}

/** 48 bits of a name. */
export function digestOf(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6);
}
