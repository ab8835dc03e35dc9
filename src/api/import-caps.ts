/**
 * What a file may make of itself once it is opened. The format (storage/format) bounds what it has outside; here it is bounded what its
 * parts hold: what they inflate to, and how many records, since assembling costs memory per record and time per pair of streams.
 */
import { damaged, tooLarge } from '../../storage/format/errors.ts';
import type { LoopFile } from '../domain/loop-file.ts';
import { sealedBytes } from '../seal/envelope.ts';
import type { PartContent } from '../wire/segments/part.ts';
import { peekAt, peekBytes, peekPayloadBytes, peekStream } from '../wire/segments/peek.ts';
import { RECORD_HEADER_BYTES } from '../wire/segments/record.ts';

const MIB = 1024 * 1024;

export interface ImportCaps {
  /** Of all parts, opened. */
  readonly openedBytes: number;
  /** Opened to sealed, beyond `ratioFrom` bytes; recordings have less than ten. */
  readonly ratio: number;
  readonly ratioFrom: number;
  /** In the whole file. */
  readonly records: number;
  /** Exchanges and connections of one recording; linking them takes time by the square: 2.5 s at 5,000, measured. */
  readonly streams: number;
  /** Of all views made of it, characters: a few bytes of gzip in a body are much text in a view. */
  readonly viewCharacters: number;
}

export const IMPORT_CAPS: ImportCaps = {
  openedBytes: 512 * MIB,
  ratio: 200,
  ratioFrom: 64 * MIB,
  records: 500_000,
  streams: 5_000,
  viewCharacters: 192 * MIB,
};

/** Unix ms: what JavaScript can make a date of. */
export const LATEST = 8.64e15;

/** Before anything is opened, by the lengths that sealed parts say they have (and cannot exceed). Throws LoopFileError `too-large`. */
export function refuseBomb(file: LoopFile, { openedBytes, ratio, ratioFrom }: ImportCaps): void {
  let opened = 0;
  let stored = 0;
  for (const { seal, parts } of [file, ...file.companions]) {
    for (const part of parts) {
      opened += seal.kind === 'open' ? part.length : sealedBytes(part);
      stored += part.length;
    }
  }
  if (opened > openedBytes) throw tooLarge(`its parts open to ${opened} bytes, at most ${openedBytes} are read`);
  if (opened > ratioFrom && opened > ratio * stored)
    throw tooLarge(`its parts open to ${opened} bytes, more than ${ratio} times what they are`);
}

/** Counts what the recordings of one file have together; looks through their records without making anything of them. */
export class RecordCount {
  readonly #caps: ImportCaps;
  #records = 0;
  #viewCharacters = 0;

  constructor(caps: ImportCaps) {
    this.#caps = caps;
  }

  /** The parts of one recording. Throws LoopFileError: `damaged` for what no recorder writes, `too-large`. */
  add(parts: readonly PartContent[]): void {
    const streams = new Set<string>();
    for (const { recorder, overwritten, records } of parts) {
      if (!(overwritten >= 0 && Number.isFinite(overwritten))) throw damaged('a part counts what cannot be counted');
      this.#walk(records, (stream) => {
        streams.add(`${recorder}.${stream}`);
        if (streams.size > this.#caps.streams)
          throw tooLarge(`a recording has more than ${this.#caps.streams} exchanges and connections`);
      });
    }
  }

  /** What is shown of one recording. Throws LoopFileError `too-large`. */
  addView(characters: number): void {
    this.#viewCharacters += characters;
    const { viewCharacters } = this.#caps;
    if (this.#viewCharacters > viewCharacters)
      throw tooLarge(`what is shown of it would have more than ${viewCharacters} characters`);
  }

  #walk(records: Uint8Array, seen: (stream: number) => void): void {
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    for (let offset = 0; offset < records.length; offset += peekBytes(view, offset)) {
      const left = records.length - offset - RECORD_HEADER_BYTES;
      // Compared before any sum is made of it: a claimed length may be near 2^32.
      if (left < 0 || peekPayloadBytes(view, offset) > left) throw damaged('a part holds bytes that are no record');
      const at = peekAt(view, offset);
      if (!(at >= 0 && at <= LATEST)) throw damaged('a record came at no time');
      this.#records += 1;
      if (this.#records > this.#caps.records) throw tooLarge(`it has more than ${this.#caps.records} records`);
      seen(peekStream(view, offset));
    }
  }
}
