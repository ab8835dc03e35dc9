/**
 * Envoy's HeaderMap {repeated HeaderValue headers = 1}, HeaderValue {key 1, value 2, raw_value 3}. The filter fills key and raw_value;
 * `value` is what older or other senders fill. Values are bytes of the wire, held as Latin-1 text so that each char is one byte.
 */
import type { Header } from '../../domain/exchange.ts';
import { FieldWalk } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';
import { KeyedEntry } from './keyed-entry.ts';
import { equalsHeaderName, latin1 } from './text.ts';

export interface HeadersFault {
  readonly fault: FieldFault;
  readonly offset: number;
}

const RAW_VALUE = 3;

const map = new FieldWalk();
const entry = new KeyedEntry(RAW_VALUE);

/** Every header of the HeaderMap at `start..end`, names lower-case, in order. */
export function decodeHeaders(bytes: Uint8Array, start: number, end: number): readonly Header[] | HeadersFault {
  const headers: Header[] = [];
  map.over(bytes, start, end);
  while (map.next()) {
    if (!map.isBytes(1)) continue;
    entry.read(bytes, map.start, map.end);
    if (entry.fault !== undefined) return { fault: entry.fault, offset: entry.end };
    headers.push({
      name: latin1(bytes, entry.keyStart, entry.keyEnd).toLowerCase(),
      value: latin1(bytes, entry.valueStart, entry.valueEnd),
    });
  }
  return map.fault === undefined ? headers : { fault: map.fault, offset: map.end };
}

/** The first header of this lower-case name in the HeaderMap at `start..end`. Decodes nothing else; a broken map ends the search. */
export function findHeader(bytes: Uint8Array, start: number, end: number, name: string): string | undefined {
  map.over(bytes, start, end);
  while (map.next()) {
    if (!map.isBytes(1)) continue;
    entry.read(bytes, map.start, map.end);
    if (entry.fault !== undefined) return undefined;
    if (equalsHeaderName(bytes, entry.keyStart, entry.keyEnd, name))
      return latin1(bytes, entry.valueStart, entry.valueEnd);
  }
  return undefined;
}

/** Lower-case header names by their length, so that most headers are passed over without being read. */
export class HeaderNames {
  readonly #byLength = new Map<number, readonly string[]>();

  constructor(names: Iterable<string>) {
    for (const name of new Set(names)) this.#byLength.set(name.length, [...this.ofLength(name.length), name]);
  }

  ofLength(length: number): readonly string[] {
    return this.#byLength.get(length) ?? NO_NAMES;
  }
}

const NO_NAMES: readonly string[] = [];

/** The headers of these names in the HeaderMap at `start..end`, in order. A broken map ends the search. */
export function pickHeaders(bytes: Uint8Array, start: number, end: number, names: HeaderNames): readonly Header[] {
  const picked: Header[] = [];
  map.over(bytes, start, end);
  while (map.next()) {
    if (!map.isBytes(1)) continue;
    entry.read(bytes, map.start, map.end);
    if (entry.fault !== undefined) return picked;
    const { keyStart, keyEnd, valueStart, valueEnd } = entry;
    const name = names.ofLength(keyEnd - keyStart).find((one) => equalsHeaderName(bytes, keyStart, keyEnd, one));
    if (name !== undefined) picked.push({ name, value: latin1(bytes, valueStart, valueEnd) });
  }
  return picked;
}

/** A HeaderMap as Envoy would send it: key and raw_value. Chars above 0xff lose their high bits: Latin-1 has none. */
export function encodeHeaders(headers: readonly Header[]): Uint8Array {
  let size = 0;
  for (const header of headers) size += fieldBytes(entryBytes(header));
  const bytes = Buffer.allocUnsafeSlow(size);
  let offset = 0;
  for (const header of headers) {
    offset = writePrefix(bytes, offset, 1, entryBytes(header));
    offset = writeText(bytes, offset, 1, header.name);
    offset = writeText(bytes, offset, RAW_VALUE, header.value);
  }
  return new Uint8Array(bytes.buffer);
}

function entryBytes({ name, value }: Header): number {
  return fieldBytes(name.length) + fieldBytes(value.length);
}

function fieldBytes(length: number): number {
  let size = 2 + length;
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function writePrefix(bytes: Buffer, offset: number, number: number, length: number): number {
  let at = offset;
  bytes[at++] = (number << 3) | 2;
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

function writeText(bytes: Buffer, offset: number, number: number, text: string): number {
  const at = writePrefix(bytes, offset, number, text.length);
  bytes.write(text, at, 'latin1');
  return at + text.length;
}
