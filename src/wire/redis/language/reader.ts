import type { Backend } from '../backend.ts';

/** Nothing deeper comes out of the framer. */
const DEPTH = 130;

/** Reads one reply off the bytes of a frame. Past the end, or where the grammar ends, it stays failed. */
export class ReplyReader {
  readonly #bytes: Buffer;
  #at = 0;
  #failed = false;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return !this.#failed && this.#at === this.#bytes.length;
  }

  reply(): Backend {
    const type = String.fromCharCode(this.#bytes[this.#at++] ?? 0);
    const line = this.#line();
    const text = line.toString('latin1');
    switch (type) {
      case '+':
        return { kind: 'simple', data: line };
      case '-':
        return { kind: 'error', data: line };
      case ':':
        return this.#integer(text);
      case ',':
      case '(':
        return { kind: type === ',' ? 'double' : 'big-number', text };
      case '#':
        return text === 't' || text === 'f' ? { kind: 'boolean', value: text === 't' } : this.#fail();
      case '_':
        return text === '' ? NULL_OF_EITHER : this.#fail();
      case '$':
      case '!':
      case '=':
        return this.#string(type, text);
      default:
        return this.#nested(type, text);
    }
  }

  #string(type: '$' | '!' | '=', length: string): Backend {
    if (type === '$' && length === '-1') return NULL;
    const data = length === '?' ? this.#chunks() : this.#body(length);
    if (type === '$') return { kind: 'bulk', data };
    if (type === '!') return { kind: 'bulk-error', data };
    if (data[3] !== 0x3a) return this.#fail();
    return { kind: 'verbatim', format: data.toString('latin1', 0, 3), data: data.subarray(4) };
  }

  #nested(type: string, count: string): Backend {
    if (++this.#depth > DEPTH) return this.#fail();
    const reply = this.#aggregate(type, count);
    this.#depth--;
    return reply;
  }

  #aggregate(type: string, count: string): Backend {
    switch (type) {
      case '*':
        return count === '-1' ? NULL_ARRAY : { kind: 'array', items: this.#items(count) };
      case '~':
        return { kind: 'set', items: this.#items(count) };
      case '>':
        return { kind: 'push', items: this.#items(count) };
      case '%':
        return { kind: 'map', entries: this.#entries(count) };
      case '|':
        return { kind: 'attributed', attributes: this.#entries(count), reply: this.reply() };
      default:
        return this.#fail();
    }
  }

  #items(count: string): Backend[] {
    const items: Backend[] = [];
    if (count === '?') while (!this.#mark()) items.push(this.reply());
    else for (let left = this.#count(count); left > 0 && !this.#failed; left--) items.push(this.reply());
    return items;
  }

  #entries(count: string): (readonly [Backend, Backend])[] {
    const entries: (readonly [Backend, Backend])[] = [];
    const pair = (): unknown => entries.push([this.reply(), this.reply()]);
    if (count === '?') while (!this.#mark()) pair();
    else for (let left = this.#count(count); left > 0 && !this.#failed; left--) pair();
    return entries;
  }

  /** True at the end of a streamed aggregate, and when nothing can follow. */
  #mark(): boolean {
    if (this.#failed) return true;
    if (this.#bytes[this.#at] !== 0x2e) return false;
    this.#at++;
    this.#line();
    return true;
  }

  #chunks(): Buffer {
    const chunks: Buffer[] = [];
    while (!this.#failed) {
      if (this.#bytes[this.#at++] !== 0x3b) this.#fail();
      const length = this.#line().toString('latin1');
      if (length === '0') break;
      chunks.push(this.#body(length));
    }
    return Buffer.concat(chunks);
  }

  #body(text: string): Buffer {
    const length = this.#count(text);
    const end = this.#at + length;
    if (end + 2 > this.#bytes.length) return this.#empty();
    const body = this.#bytes.subarray(this.#at, end);
    this.#at = end + 2;
    return body;
  }

  #line(): Buffer {
    const end = this.#bytes.indexOf('\r\n', this.#at, 'latin1');
    if (end === -1) return this.#empty();
    const line = this.#bytes.subarray(this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #count(text: string): number {
    if (/^\d{1,10}$/.test(text)) return Number(text);
    this.#fail();
    return 0;
  }

  #integer(text: string): Backend {
    return /^[+-]?\d{1,20}$/.test(text) ? { kind: 'integer', value: BigInt(text.replace('+', '')) } : this.#fail();
  }

  #empty(): Buffer {
    this.#fail();
    return Buffer.alloc(0);
  }

  #fail(): Backend {
    this.#failed = true;
    return NULL;
  }
}

const NULL: Backend = { kind: 'null', of: 'bulk' };
const NULL_OF_EITHER: Backend = { kind: 'null', of: 'either' };
const NULL_ARRAY: Backend = { kind: 'null', of: 'array' };
