/**
 * Envoy's HeaderMap {repeated HeaderValue headers = 1}, HeaderValue {key 1, value 2, raw_value 3}. The filter fills key and raw_value;
 * `value` is what older or other senders fill. Values are bytes of the wire, held as Latin-1 text so that each char is one byte.
 */
import type { Header } from '../../domain/exchange.ts';
import { FieldWalk } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';
import { equalsHeaderName, latin1 } from './text.ts';

export interface HeadersFault {
  readonly fault: FieldFault;
  readonly offset: number;
}

const map = new FieldWalk();
const entry = new FieldWalk();

/** Every header of the HeaderMap at `start..end`, names lower-case, in order. */
export function decodeHeaders(bytes: Uint8Array, start: number, end: number): readonly Header[] | HeadersFault {
  const headers: Header[] = [];
  map.over(bytes, start, end);
  while (map.next()) {
    if (!map.isBytes(1)) continue;
    const place = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 };
    locate(bytes, place);
    if (entry.fault !== undefined) return { fault: entry.fault, offset: entry.end };
    headers.push({
      name: latin1(bytes, place.keyStart, place.keyEnd).toLowerCase(),
      value: latin1(bytes, place.valueStart, place.valueEnd),
    });
  }
  return map.fault === undefined ? headers : { fault: map.fault, offset: map.end };
}

const found = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 };

/** The first header of this lower-case name in the HeaderMap at `start..end`. Decodes nothing else; a broken map ends the search. */
export function findHeader(bytes: Uint8Array, start: number, end: number, name: string): string | undefined {
  map.over(bytes, start, end);
  while (map.next()) {
    if (!map.isBytes(1)) continue;
    locate(bytes, found);
    if (entry.fault !== undefined) return undefined;
    if (equalsHeaderName(bytes, found.keyStart, found.keyEnd, name))
      return latin1(bytes, found.valueStart, found.valueEnd);
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
    locate(bytes, found);
    if (entry.fault !== undefined) return picked;
    const { keyStart, keyEnd, valueStart, valueEnd } = found;
    const name = names.ofLength(keyEnd - keyStart).find((one) => equalsHeaderName(bytes, keyStart, keyEnd, one));
    if (name !== undefined) picked.push({ name, value: latin1(bytes, valueStart, valueEnd) });
  }
  return picked;
}

/** A HeaderMap as Envoy would send it: key and raw_value. Chars above 0xff lose their high bits: Latin-1 has none. */
export function encodeHeaders(headers: readonly Header[]): Uint8Array {
  const entries = headers.map(({ name, value }) => Buffer.concat([field(1, name), field(3, value)]));
  return new Uint8Array(Buffer.concat(entries.flatMap((bytes) => [lengthPrefix(1, bytes.length), bytes])));
}

interface Place {
  keyStart: number;
  keyEnd: number;
  valueStart: number;
  valueEnd: number;
}

/** raw_value counts before value when both are there. */
function locate(bytes: Uint8Array, into: Place): void {
  into.keyStart = into.keyEnd = into.valueStart = into.valueEnd = map.end;
  let raw = false;
  entry.over(bytes, map.start, map.end);
  while (entry.next()) {
    if (entry.isBytes(1)) {
      into.keyStart = entry.start;
      into.keyEnd = entry.end;
    } else if (entry.isBytes(3) || (entry.isBytes(2) && !raw)) {
      raw = entry.field === 3 && entry.end > entry.start;
      into.valueStart = entry.start;
      into.valueEnd = entry.end;
    }
  }
}

function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([lengthPrefix(number, bytes.length), bytes]);
}

function lengthPrefix(number: number, length: number): Buffer {
  const prefix = [(number << 3) | 2];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) prefix.push((rest & 0x7f) | 0x80);
  prefix.push(rest);
  return Buffer.from(prefix);
}
