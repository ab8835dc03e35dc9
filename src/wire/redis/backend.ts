/** Replies of the server as values, in both directions and both versions of the protocol. The grammar stands above `framing.ts`. */
import type { Frame } from './framing.ts';
import { ReplyReader } from './language/reader.ts';
import { Scanner } from './language/scanner.ts';

/** 2: what a connection begins with. 3: after `HELLO 3`. */
export type RespVersion = 2 | 3;

/** An error that is a line. Its first word is its code. */
export interface LineError {
  readonly kind: 'error';
  readonly data: Uint8Array;
}

/** The same with its length in front: it may have several lines. */
export interface BulkError {
  readonly kind: 'bulk-error';
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
  | LineError
  | BulkError
  | { readonly kind: 'integer'; readonly value: bigint }
  /** As written: `1.5`, `inf`, `-inf`, `nan`; any number of digits. */
  | { readonly kind: 'double' | 'big-number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** `of`: RESP2 writes a null string and a null array differently, RESP3 has one for either. */
  | { readonly kind: 'null'; readonly of: 'bulk' | 'array' | 'either' }
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

/** The replies inside an array, each as on the wire; empty when it is none. */
export function splitReplies(bytes: Uint8Array): readonly Uint8Array[] {
  const scanner = new Scanner('server');
  const replies: Uint8Array[] = [];
  for (let at = bytes.indexOf(0x0a) + 1; at > 0 && at < bytes.length;) {
    const scanned = scanner.scan(bytes, at);
    if (scanned.kind !== 'whole') break;
    replies.push(bytes.subarray(at, scanned.end));
    at = scanned.end;
  }
  return replies;
}

/** In version 2 maps, sets and pushes are arrays, doubles and big numbers strings, booleans integers; attributes are left out. */
export function encodeBackend(reply: Backend, version: RespVersion): Uint8Array {
  const parts: Uint8Array[] = [];
  write(reply, version, parts);
  return Buffer.concat(parts);
}

function write(reply: Backend, version: RespVersion, parts: Uint8Array[]): void {
  switch (reply.kind) {
    case 'simple':
    case 'error':
      return void parts.push(Buffer.from(reply.kind === 'simple' ? '+' : '-'), reply.data, CRLF);
    case 'integer':
      return writeLine(`:${reply.value}`, parts);
    case 'bulk':
      return writeBytes('$', reply.data, parts);
    case 'null':
      return writeLine(version === 3 ? '_' : reply.of === 'array' ? '*-1' : '$-1', parts);
    case 'array':
    case 'set':
    case 'push':
      writeLine(`${version === 3 ? AGGREGATES[reply.kind] : '*'}${reply.items.length}`, parts);
      for (const item of reply.items) write(item, version, parts);
      return;
    case 'map':
      return writeEntries(reply.entries, version, parts, version === 3 ? '%' : '*');
    case 'attributed':
      if (version === 3) writeEntries(reply.attributes, version, parts, '|');
      return write(reply.reply, version, parts);
    case 'double':
    case 'big-number':
    case 'boolean':
    case 'verbatim':
    case 'bulk-error':
      return version === 3 ? writeThird(reply, parts) : write(inSecond(reply), version, parts);
  }
}

type Third = Extract<Backend, { readonly kind: 'double' | 'big-number' | 'boolean' | 'verbatim' }> | BulkError;

function writeThird(reply: Third, parts: Uint8Array[]): void {
  switch (reply.kind) {
    case 'double':
      return writeLine(`,${reply.text}`, parts);
    case 'big-number':
      return writeLine(`(${reply.text}`, parts);
    case 'boolean':
      return writeLine(reply.value ? '#t' : '#f', parts);
    case 'verbatim':
      return writeBytes('=', Buffer.concat([Buffer.from(`${reply.format}:`, 'latin1'), reply.data]), parts);
    case 'bulk-error':
      return writeBytes('!', reply.data, parts);
  }
}

function inSecond(reply: Third): Backend {
  switch (reply.kind) {
    case 'double':
    case 'big-number':
      return { kind: 'bulk', data: Buffer.from(reply.text, 'latin1') };
    case 'boolean':
      return { kind: 'integer', value: reply.value ? 1n : 0n };
    case 'verbatim':
      return { kind: 'bulk', data: reply.data };
    case 'bulk-error': {
      const line = Buffer.from(reply.data)
        .toString('latin1')
        .replace(/[\r\n]+/g, ' ');
      return { kind: 'error', data: Buffer.from(line, 'latin1') };
    }
  }
}

function writeEntries(entries: Pairs['entries'], version: RespVersion, parts: Uint8Array[], type: string): void {
  writeLine(`${type}${type === '*' ? entries.length * 2 : entries.length}`, parts);
  for (const [key, value] of entries) {
    write(key, version, parts);
    write(value, version, parts);
  }
}

function writeLine(line: string, parts: Uint8Array[]): void {
  parts.push(Buffer.from(`${line}\r\n`, 'latin1'));
}

function writeBytes(type: string, data: Uint8Array, parts: Uint8Array[]): void {
  parts.push(Buffer.from(`${type}${data.length}\r\n`), data, CRLF);
}

const CRLF = Buffer.from('\r\n');
const AGGREGATES = { array: '*', set: '~', push: '>' } as const;
