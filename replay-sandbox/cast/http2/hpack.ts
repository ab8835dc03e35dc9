/** Header blocks of one direction of an HTTP/2 connection. https://www.rfc-editor.org/rfc/rfc7541 */
import type { Header } from '../../../src/domain/exchange.ts';
import { huffmanText } from '../../../src/wire/http2/hpack/huffman.ts';
import { STATIC_TABLE } from '../../../src/wire/http2/hpack/static-table.ts';

/** What an entry costs beyond its text (section 4.1). */
const OVERHEAD = 32;
/** Sixteen times what is usual; beyond it the reading ends. */
const LARGEST_TABLE = 64 * 1024;

/** A short block can name one long entry over and over. */
const LARGEST_LIST = 4 * 1024 * 1024;

/** Of blocks in the order of the wire: each may speak of those before it. */
export class HpackReader {
  /** The newest last; what is before `#oldest` is gone already. */
  #dynamic: Header[] = [];
  #oldest = 0;
  #size = 0;
  #limit = 4096;

  /** Undefined when the block cannot be read: nothing behind it can be either. */
  read(block: Uint8Array): readonly Header[] | undefined {
    const input = new Input(block);
    const headers: Header[] = [];
    let size = 0;
    while (!input.isEmpty) {
      const first = input.peek();
      const found = (first & 0xe0) === 0x20 ? this.#resize(input) : this.#field(input, first);
      if (found === undefined) return undefined;
      if (found === 'resized') continue;
      size += sizeOf(found);
      if (size > LARGEST_LIST) return undefined;
      headers.push(found);
    }
    return headers;
  }

  #resize(input: Input): 'resized' | undefined {
    const limit = input.number(5);
    if (limit === undefined || limit > LARGEST_TABLE) return undefined;
    this.#limit = limit;
    this.#evict();
    return 'resized';
  }

  #field(input: Input, first: number): Header | undefined {
    if ((first & 0x80) !== 0) return this.#at(input.number(7));
    const isKept = (first & 0x40) !== 0;
    const index = input.number(isKept ? 6 : 4);
    const name = index === 0 ? input.text() : this.#at(index)?.name;
    const value = input.text();
    if (name === undefined || value === undefined) return undefined;
    const found = { name: name.toLowerCase(), value };
    if (isKept) this.#keep(found);
    return found;
  }

  #at(index: number | undefined): Header | undefined {
    if (index === undefined || index === 0) return undefined;
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1];
    const at = this.#dynamic.length - (index - STATIC_TABLE.length);
    return at < this.#oldest ? undefined : this.#dynamic[at];
  }

  #keep(entry: Header): void {
    this.#dynamic.push(entry);
    this.#size += sizeOf(entry);
    this.#evict();
  }

  #evict(): void {
    for (; this.#size > this.#limit; this.#oldest += 1) {
      const oldest = this.#dynamic[this.#oldest];
      if (oldest === undefined) break;
      this.#size -= sizeOf(oldest);
    }
    // Rarely, so that each entry is moved once at most for each that came.
    if (this.#oldest <= this.#dynamic.length - this.#oldest) return;
    this.#dynamic = this.#dynamic.slice(this.#oldest);
    this.#oldest = 0;
  }
}

function sizeOf({ name, value }: Header): number {
  return name.length + value.length + OVERHEAD;
}

class Input {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number {
    return this.#bytes[this.#at] ?? 0;
  }

  /** Section 5.1: of the first byte only so many bits count. */
  number(bits: number): number | undefined {
    const mask = 2 ** bits - 1;
    let value = (this.#next() ?? 0) & mask;
    if (value < mask) return value;
    for (let weight = 1; weight <= 2 ** 28; weight *= 128) {
      const byte = this.#next();
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * weight;
      if ((byte & 0x80) === 0) return value;
    }
    return undefined;
  }

  text(): string | undefined {
    if (this.isEmpty) return undefined;
    const isCoded = (this.peek() & 0x80) !== 0;
    const length = this.number(7);
    if (length === undefined || this.#at + length > this.#bytes.length) return undefined;
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return isCoded ? huffmanText(bytes) : Buffer.from(bytes).toString('latin1');
  }

  #next(): number | undefined {
    const byte = this.#bytes[this.#at];
    this.#at += 1;
    return byte;
  }
}
