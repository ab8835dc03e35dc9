/** Replies of the server as values, in both directions and both versions of the protocol. The grammar stands above `framing.ts`. */
import type { Frame } from './framing.ts';

/** 2: what a connection begins with. 3: after `HELLO 3`. */
export type RespVersion = 2 | 3;

/** An error that is a line, or with its length. Its first word is its code. */
export interface ErrorReply {
  readonly kind: 'error' | 'bulk-error';
  readonly data: Uint8Array;
}

export interface Aggregate {
  readonly kind: 'array' | 'set' | 'push';
  readonly items: readonly Backend[];
}

export interface Pairs {
  readonly kind: 'map';
  readonly entries: readonly (readonly [Backend, Backend])[];
}

export type Backend =
  | { readonly kind: 'simple' | 'bulk'; readonly data: Uint8Array }
  | ErrorReply
  | { readonly kind: 'integer'; readonly value: bigint }
  /** As written: `1.5`, `inf`, `-inf`, `nan`; any number of digits. */
  | { readonly kind: 'double' | 'big-number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** `of`: RESP2 writes a null string and a null array differently. */
  | { readonly kind: 'null'; readonly of: 'bulk' | 'array' }
  /** `format`: `txt` or `mkd`. */
  | { readonly kind: 'verbatim'; readonly format: string; readonly data: Uint8Array }
  | Aggregate
  | Pairs
  /** What the server says about the reply that follows. */
  | { readonly kind: 'attributed'; readonly attributes: Pairs['entries']; readonly reply: Backend };

/** The reply in a frame; undefined when it was cut or does not follow the grammar. Streamed strings and aggregates come whole. */
export function decodeBackend(frame: Pick<Frame, 'bytes' | 'cut'>): Backend | undefined {
  if (frame.cut) return undefined;
  const reader = new ReplyReader(frame.bytes);
  const reply = reader.reply();
  return reader.done ? reply : undefined;
}

/** Nothing deeper comes out of the framer. */
const DEPTH = 130;

class ReplyReader {
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
        return text === '' ? NULL : this.#fail();
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
const NULL_ARRAY: Backend = { kind: 'null', of: 'array' };

/** In version 2 maps, sets and pushes are arrays, doubles and big numbers strings, booleans integers; attributes are left out. */
export function encodeBackend(reply: Backend, version: RespVersion): Uint8Array {
  const parts: Uint8Array[] = [];
  write(reply, version, parts);
  return Buffer.concat(parts);
}

function write(reply: Backend, version: RespVersion, parts: Uint8Array[]): void {
  const line = (text: string): unknown => parts.push(Buffer.from(`${text}\r\n`, 'latin1'));
  const bytes = (type: string, data: Uint8Array): unknown =>
    parts.push(Buffer.from(`${type}${data.length}\r\n`), data, CRLF);
  switch (reply.kind) {
    case 'simple':
    case 'error':
      return void parts.push(Buffer.from(reply.kind === 'simple' ? '+' : '-'), reply.data, CRLF);
    case 'integer':
      return void line(`:${reply.value}`);
    case 'bulk':
      return void bytes('$', reply.data);
    case 'null':
      return void line(version === 3 ? '_' : reply.of === 'array' ? '*-1' : '$-1');
    case 'array':
    case 'set':
    case 'push':
      line(`${version === 3 ? AGGREGATES[reply.kind] : '*'}${reply.items.length}`);
      for (const item of reply.items) write(item, version, parts);
      return;
    case 'map':
      return writeEntries(reply.entries, version, parts, version === 3 ? '%' : '*');
    case 'attributed':
      if (version === 3) writeEntries(reply.attributes, version, parts, '|');
      return write(reply.reply, version, parts);
    default:
      return version === 3 ? writeThird(reply, line, bytes) : write(inSecond(reply), version, parts);
  }
}

type Third = Extract<
  Backend,
  { readonly kind: 'double' | 'big-number' } | { readonly kind: 'boolean' | 'verbatim' | 'bulk-error' }
>;

type OnlyThird = Exclude<Third, { readonly kind: 'error' }> | ErrorReply;

function writeThird(
  reply: OnlyThird,
  line: (text: string) => unknown,
  bytes: (type: string, data: Uint8Array) => unknown,
): void {
  switch (reply.kind) {
    case 'double':
    case 'big-number':
      return void line(`${reply.kind === 'double' ? ',' : '('}${reply.text}`);
    case 'boolean':
      return void line(reply.value ? '#t' : '#f');
    case 'verbatim':
      return void bytes('=', Buffer.concat([Buffer.from(`${reply.format}:`, 'latin1'), reply.data]));
    case 'error':
    case 'bulk-error':
      return void bytes('!', reply.data);
  }
}

function inSecond(reply: OnlyThird): Backend {
  switch (reply.kind) {
    case 'double':
    case 'big-number':
      return { kind: 'bulk', data: Buffer.from(reply.text, 'latin1') };
    case 'boolean':
      return { kind: 'integer', value: reply.value ? 1n : 0n };
    case 'verbatim':
      return { kind: 'bulk', data: reply.data };
    case 'error':
    case 'bulk-error':
      return {
        kind: 'error',
        data: Buffer.from(
          Buffer.from(reply.data)
            .toString('latin1')
            .replace(/[\r\n]+/g, ' '),
          'latin1',
        ),
      };
  }
}

function writeEntries(entries: Pairs['entries'], version: RespVersion, parts: Uint8Array[], type: string): void {
  parts.push(Buffer.from(`${type}${type === '*' ? entries.length * 2 : entries.length}\r\n`));
  for (const [key, value] of entries) {
    write(key, version, parts);
    write(value, version, parts);
  }
}

const CRLF = Buffer.from('\r\n');
const AGGREGATES = { array: '*', set: '~', push: '>' } as const;
