import { Field } from './field.ts';
import { huffmanBound, huffmanInto } from './huffman.ts';
import { FieldTable } from './table.ts';

/** `broken`: the connection's tables can no longer be trusted. `too-large`: read to its end, so that they can, and not kept. */
export type Decoded = 'ok' | 'broken' | 'too-large';

/** No number that matters has more bits; more bytes than that are refused. */
const LARGEST_SHIFT = 21;
const BROKEN = -1;
const NOTHING: Buffer = Buffer.alloc(0);

/** Header blocks of one direction of a connection, in the order of the wire. https://www.rfc-editor.org/rfc/rfc7541#section-6 */
export class HpackDecoder {
  readonly #listBytes: number;
  readonly #table = new FieldTable();
  #bytes = NOTHING;
  #at = 0;
  #end = 0;
  #scratch = NOTHING;
  #size = 0;
  #fields: Field[] = [];

  /** `listBytes`: the largest list that is kept, counted as RFC 9113 section 6.5.2 does. */
  constructor(listBytes: number) {
    this.#listBytes = listBytes;
  }

  /** Another number whenever the same bytes may mean something else. */
  get generation(): number {
    return this.#table.generation;
  }

  /** Appends what the block says to `fields`, up to the limit. */
  decode(bytes: Buffer, start: number, end: number, fields: Field[]): Decoded {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#size = 0;
    this.#fields = fields;
    const isRead = this.#resizes() && this.#all();
    // The chunk is only lent.
    this.#bytes = NOTHING;
    if (!isRead) return 'broken';
    return this.#size > this.#listBytes ? 'too-large' : 'ok';
  }

  #all(): boolean {
    while (this.#at < this.#end) if (!this.#next()) return false;
    return true;
  }

  /** Section 4.2: at the beginning of a block, and at most two. */
  #resizes(): boolean {
    for (
      let count = 0;
      count < 2 && ((this.#bytes[this.#at] ?? 0) & 0xe0) === 0x20 && this.#at < this.#end;
      count += 1
    ) {
      const limit = this.#number(0x1f);
      if (limit === BROKEN || !this.#table.resize(limit)) return false;
    }
    return true;
  }

  #next(): boolean {
    const first = this.#bytes[this.#at] ?? 0;
    if ((first & 0x80) !== 0) return this.#add(this.#table.at(this.#number(0x7f)));
    if ((first & 0x40) !== 0) {
      const field = this.#literal(0x3f);
      if (field !== undefined) this.#table.insert(field);
      return this.#add(field);
    }
    return (first & 0x20) === 0 && this.#add(this.#literal(0x0f));
  }

  #add(field: Field | undefined): boolean {
    if (field === undefined) return false;
    this.#size += field.size;
    if (this.#size <= this.#listBytes) this.#fields.push(field);
    return true;
  }

  #literal(mask: number): Field | undefined {
    const index = this.#number(mask);
    const name = index === 0 ? this.#text() : this.#table.at(index)?.name;
    if (name === undefined) return undefined;
    const value = this.#text();
    return value === undefined ? undefined : new Field(name, value);
  }

  /** Section 5.1: of the first byte only the bits of `mask` count. */
  #number(mask: number): number {
    let value = (this.#bytes[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= LARGEST_SHIFT && this.#at < this.#end; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
    return BROKEN;
  }

  #text(): string | undefined {
    if (this.#at >= this.#end) return undefined;
    const isCoded = ((this.#bytes[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#number(0x7f);
    const start = this.#at;
    if (length === BROKEN || length > this.#end - start) return undefined;
    this.#at = start + length;
    if (!isCoded) return this.#bytes.toString('latin1', start, this.#at);
    return this.#huffman(start, this.#at);
  }

  #huffman(start: number, end: number): string | undefined {
    const needed = huffmanBound(end - start);
    if (this.#scratch.length < needed) this.#scratch = Buffer.allocUnsafeSlow(Math.max(256, needed));
    const length = huffmanInto(this.#scratch, this.#bytes, start, end);
    return length < 0 ? undefined : this.#scratch.toString('latin1', 0, length);
  }
}
