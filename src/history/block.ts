import type { TransactionKey } from '../domain/ids.ts';
import { SegmentFlag } from '../domain/segment.ts';
import { Books, PIECE_BYTES } from '../recorder/history.ts';
import type { StreamNote } from '../recorder/notes.ts';
import { peekAt, peekFlags, peekStream } from '../wire/segments/peek.ts';
import { RECORD_HEADER_BYTES } from '../wire/segments/record.ts';
import { TAG_BYTES } from './cipher.ts';
import { Table } from './table.ts';

/** A block on disk, with its tag: `u32` length of its records, the records, and the notes of their streams as JSON. */
export const SLOT_BYTES: number = PIECE_BYTES + 64 * 1024;
const PLAIN_BYTES = SLOT_BYTES - TAG_BYTES;
const LENGTH_BYTES = 4;

/** What a block has once it is read. */
export interface Content {
  readonly records: Uint8Array;
  readonly notes: ReadonlyMap<number, StreamNote>;
}

/** Records by arrival, until it is full; from then on what is known of it while its bytes are on disk. */
export class Block {
  /** Counts up from the first. */
  readonly number: number;
  readonly table = new Table();
  /** Arrival of its first and last record, Unix ms. */
  firstAt = Infinity;
  lastAt = -Infinity;
  /** Segments in it that count as `history` and were not given out. */
  readonly undecided = { segments: 0, bytes: 0 };
  /** Where it lies on disk; undefined before it is written. */
  slot: number | undefined;
  /** Bytes on disk. */
  sealedBytes = 0;
  #bytes: Uint8Array | undefined = new Uint8Array(PLAIN_BYTES);
  #used = LENGTH_BYTES;
  readonly #notes = new Map<number, StreamNote>();
  #noteBytes = 2;

  constructor(number: number) {
    this.number = number;
  }

  get isEmpty(): boolean {
    return this.#used === LENGTH_BYTES;
  }

  /** False when the block has no room for it: then it is as it was. */
  add(record: Uint8Array, note: StreamNote | undefined): boolean {
    const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
    const stream = peekStream(view, 0);
    const isNew = !this.table.hasStream(stream);
    const noteBytes = note !== undefined && this.#tellsMore(note) ? textOf(note).length + 1 : 0;
    const full = this.#used + record.length + this.#noteBytes + noteBytes > PLAIN_BYTES;
    if (this.#bytes === undefined || full || (isNew && this.table.isFull)) return false;
    if (isNew || noteBytes > 0) this.#describe(stream, note, noteBytes);
    this.#bytes.set(record, this.#used);
    this.#used += record.length;
    this.#count(peekAt(view, 0), peekFlags(view, 0), record.length);
    return true;
  }

  /** While its bytes are in memory. */
  content(): Content | undefined {
    return this.#bytes && { records: this.#bytes.subarray(LENGTH_BYTES, this.#used), notes: this.#notes };
  }

  /** What is to be sealed: nothing is added any more. */
  plain(): Uint8Array {
    this.table.close();
    const bytes = this.#bytes ?? new Uint8Array(LENGTH_BYTES);
    const notes = Buffer.from(`[${[...this.#notes.values()].map(textOf).join(',')}]`, 'latin1');
    new DataView(bytes.buffer).setUint32(0, this.#used - LENGTH_BYTES, true);
    return Buffer.concat([bytes.subarray(0, this.#used), notes]);
  }

  /** It is on disk, or lost: its bytes leave memory. */
  release(): void {
    this.#bytes = undefined;
    this.#notes.clear();
  }

  #count(at: number, flags: number, bytes: number): void {
    // What is repeated of who speaks on a connection is from long ago.
    if ((flags & SegmentFlag.pinned) === 0) {
      this.firstAt = Math.min(this.firstAt, at);
      this.lastAt = Math.max(this.lastAt, at);
    }
    if ((flags & Books.mask) !== Books.history) return;
    this.undecided.segments += 1;
    this.undecided.bytes += bytes;
  }

  #tellsMore(note: StreamNote): boolean {
    const known = this.#notes.get(note.stream);
    return known === undefined || known.endedAt !== note.endedAt || known.keys.length !== note.keys.length;
  }

  #describe(stream: number, note: StreamNote | undefined, noteBytes: number): void {
    this.table.add(stream, note);
    this.#noteBytes += noteBytes;
    if (note !== undefined) this.#notes.set(stream, note);
  }
}

/** The opposite of Block.plain; undefined for bytes that are no block. */
export function readBlock(plain: Uint8Array): Content | undefined {
  const length = new DataView(plain.buffer, plain.byteOffset, plain.byteLength).getUint32(0, true);
  const end = LENGTH_BYTES + length;
  if (length < RECORD_HEADER_BYTES || end > plain.length) return undefined;
  const notes = (JSON.parse(Buffer.from(plain.subarray(end)).toString('latin1')) as readonly Written[]).map(noteOf);
  return { records: plain.subarray(LENGTH_BYTES, end), notes: new Map(notes.map((note) => [note.stream, note])) };
}

/** JSON knows no Infinity. */
type Written = [number, readonly TransactionKey[], string, number, string, number, number | null];

/** ASCII: what is not is escaped, so that its length is its bytes. */
function textOf({ stream, keys, instance, inbound, protocol, startedAt, endedAt }: StreamNote): string {
  const written: Written = [
    stream,
    keys,
    instance,
    inbound ? 1 : 0,
    protocol,
    startedAt,
    endedAt === Infinity ? null : endedAt,
  ];
  return JSON.stringify(written).replace(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function noteOf([stream, keys, instance, inbound, protocol, startedAt, endedAt]: Written): StreamNote {
  return {
    stream,
    keys,
    instance,
    inbound: inbound === 1,
    protocol,
    startedAt,
    endedAt: endedAt ?? Infinity,
    departed: false,
  };
}
