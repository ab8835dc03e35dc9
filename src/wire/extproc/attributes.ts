/**
 * The attributes Envoy sends with the first message of each direction: google.protobuf.Struct {map<string, Value> fields = 1},
 * entry {key 1, Value 2}, Value {null 1, number 2, string 3, bool 4, struct 5, list 6}. The filter makes numbers, bools and strings
 * only (everything else it prints), so structs, lists and nulls are left out here.
 */
import { FieldWalk, WireType } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';
import { KeyedEntry } from './keyed-entry.ts';
import { equalsAscii } from './text.ts';

export interface AttributesFault {
  readonly fault: FieldFault;
  readonly offset: number;
}

/** A record of attributes holds text only, whatever its keys are called; a fault's offset is a number. */
export function isAttributesFault(
  result: Readonly<Record<string, string>> | AttributesFault,
): result is AttributesFault {
  return typeof result['offset'] === 'number';
}

const struct = new FieldWalk();
const entry = new KeyedEntry();
const value = new FieldWalk();
const utf8 = new TextDecoder();

/** Every attribute of the Struct at `start..end` as text: numbers without exponent, bools as `true` and `false`. */
export function decodeAttributes(
  bytes: Uint8Array,
  start: number,
  end: number,
): Readonly<Record<string, string>> | AttributesFault {
  const pairs: [string, string][] = [];
  struct.over(bytes, start, end);
  while (struct.next()) {
    if (!struct.isBytes(1)) continue;
    entry.read(bytes, struct.start, struct.end);
    const text = entry.fault === undefined ? attributeText(bytes, entry.valueStart, entry.valueEnd) : undefined;
    const fault = entry.fault ?? value.fault;
    if (fault !== undefined) return { fault, offset: struct.start };
    if (text !== undefined) pairs.push([utf8.decode(bytes.subarray(entry.keyStart, entry.keyEnd)), text]);
  }
  if (struct.fault !== undefined) return { fault: struct.fault, offset: struct.end };
  // fromEntries defines own properties: a key such as `__proto__` stays an ordinary key.
  return Object.fromEntries(pairs);
}

/** The text of one attribute, as decodeAttributes gives it, decoding nothing else. `name` is ASCII. */
export function findAttribute(bytes: Uint8Array, start: number, end: number, name: string): string | undefined {
  return seek(bytes, start, end, name) ? attributeText(bytes, entry.valueStart, entry.valueEnd) : undefined;
}

/** A number attribute (`response.flags`, `response.code`) without making text of it; undefined when absent or no number. */
export function findNumber(bytes: Uint8Array, start: number, end: number, name: string): number | undefined {
  return seek(bytes, start, end, name) ? attributeNumber(bytes, entry.valueStart, entry.valueEnd) : undefined;
}

/** The same of a Value that was found already. */
export function attributeNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  // As Envoy writes it: a double and nothing else.
  if (end - start === 9 && bytes[start] === DOUBLE_TAG) return doubleAt(bytes, start + 1);
  let number: number | undefined;
  value.over(bytes, start, end);
  while (value.next()) number = isDouble() ? readDouble(bytes) : undefined;
  return number;
}

function seek(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  struct.over(bytes, start, end);
  while (struct.next()) {
    if (!struct.isBytes(1)) continue;
    entry.read(bytes, struct.start, struct.end);
    if (entry.fault !== undefined) return false;
    if (equalsAscii(bytes, entry.keyStart, entry.keyEnd, name)) return true;
  }
  return false;
}

/** The text of a Value where it lies. It is a oneof: the last member counts. */
export function attributeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text: string | undefined;
  value.over(bytes, start, end);
  while (value.next()) {
    if (isDouble()) text = printNumber(readDouble(bytes));
    else if (value.isBytes(3)) text = utf8.decode(bytes.subarray(value.start, value.end));
    else if (value.isVarint(4)) text = value.value === 0 ? 'false' : 'true';
    else if (value.field <= 6) text = undefined;
  }
  return value.fault === undefined ? text : undefined;
}

function isDouble(): boolean {
  return value.field === 2 && value.wireType === WireType.fixed64;
}

function readDouble(bytes: Uint8Array): number {
  return doubleAt(bytes, value.start);
}

const DOUBLE_TAG = (2 << 3) | WireType.fixed64;
const double = new DataView(new ArrayBuffer(8));

function doubleAt(bytes: Uint8Array, start: number): number {
  for (let index = 0; index < 8; index++) double.setUint8(index, bytes[start + index] ?? 0);
  return double.getFloat64(0, true);
}

/** Ids and bit masks are integers below 2^64: printed in full, where String() would turn to an exponent at 10^21 only. */
function printNumber(number: number): string {
  return Number.isInteger(number) ? BigInt(number).toString() : String(number);
}
