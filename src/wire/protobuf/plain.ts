/** A message as JSON-like values: for people to read, and to be compared leaf by leaf. Keys are field numbers. */
import type { ProtoField } from './field.ts';
import { doubleOf, floatOf } from './scalar.ts';

/** Numbers are decimal text: a double does not hold 64 bits. */
export type PlainValue = string | PlainMessage | readonly PlainValue[];
export interface PlainMessage {
  readonly [field: string]: PlainValue;
}

/** Says a leaf; a nested message may be said as one too (undefined: as its fields). */
export interface Wording {
  bytes(bytes: Uint8Array): string;
  message(fields: readonly ProtoField[]): string | undefined;
}

/** Repeated fields become lists, in order. */
export function plainMessage(fields: readonly ProtoField[], wording: Wording): PlainMessage {
  const byNumber = new Map<number, PlainValue[]>();
  for (const field of fields) {
    const values = byNumber.get(field.number) ?? [];
    values.push(plainValue(field, wording));
    byNumber.set(field.number, values);
  }
  return Object.fromEntries([...byNumber].map(([number, values]) => [number, singly(values)]));
}

function singly(values: readonly PlainValue[]): PlainValue {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}

function plainValue(field: ProtoField, wording: Wording): PlainValue {
  switch (field.kind) {
    case 'varint':
      return BigInt.asIntN(64, field.value).toString();
    case 'fixed64':
      return floatOr(BigInt.asIntN(64, field.value).toString(), doubleOf(field.value));
    case 'fixed32':
      return floatOr(String(field.value | 0), floatOf(field.value));
    case 'text':
      return field.text;
    case 'message':
      return wording.message(field.fields) ?? plainMessage(field.fields, wording);
    case 'bytes':
      return wording.bytes(field.bytes);
  }
}

/** A fixed field holds a float more often than an integer, and the bits of a small integer make no plausible one. */
function floatOr(integer: string, float: number): string {
  const size = Math.abs(float);
  return size > 1e-9 && size < 1e15 ? String(float) : integer;
}
