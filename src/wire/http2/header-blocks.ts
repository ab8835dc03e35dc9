import { HpackDecoder } from './hpack/decoder.ts';
import type { Field } from './hpack/field.ts';
import { HeaderList } from './header-list.ts';

/** A peer speaks to us in one way per kind of call, so few are enough. */
const MOST_REMEMBERED = 8;
const LARGEST_REMEMBERED = 2048;

interface Remembered {
  readonly bytes: Buffer;
  readonly list: HeaderList;
}

/**
 * Header blocks of a connection, read into lists. A block that is the same as one before, byte by byte, while the table means the same, gives
 * the same list object: whoever works something out of a list can do so once.
 */
export class HeaderBlocks {
  readonly #decoder: HpackDecoder;
  #remembered: Remembered[] = [];
  #replaced = 0;
  /** Of the table, when what is remembered was read. */
  #generation = 0;

  constructor(listBytes: number) {
    this.#decoder = new HpackDecoder(listBytes);
  }

  read(bytes: Buffer, start: number, end: number): HeaderList | 'broken' | 'too-large' {
    for (const known of this.#remembered) if (isSame(known.bytes, bytes, start, end)) return known.list;
    const before = this.#decoder.generation;
    const fields: Field[] = [];
    const decoded = this.#decoder.decode(bytes, start, end, fields);
    const after = this.#decoder.generation;
    if (after !== this.#generation) {
      this.#generation = after;
      this.#remembered = [];
      this.#replaced = 0;
    }
    if (decoded !== 'ok') return decoded;
    const list = new HeaderList(fields);
    if (before === after && end - start <= LARGEST_REMEMBERED) this.#remember(bytes.subarray(start, end), list);
    return list;
  }

  #remember(block: Buffer, list: HeaderList): void {
    const bytes = Buffer.allocUnsafeSlow(block.length);
    bytes.set(block);
    this.#remembered[this.#replaced] = { bytes, list };
    this.#replaced = (this.#replaced + 1) % MOST_REMEMBERED;
  }
}

/** Blocks are short: comparing here costs less than asking for it. */
function isSame(known: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at += 1) if (known[at] !== bytes[start + at]) return false;
  return true;
}
