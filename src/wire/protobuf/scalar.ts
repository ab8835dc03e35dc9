/** Bits of single values, and what they mean. */
import { WireType } from './fields.ts';
import type { Scalar } from './schema.ts';

const FIXED64: ReadonlySet<Scalar> = new Set<Scalar>(['double', 'fixed64', 'sfixed64']);
const FIXED32: ReadonlySet<Scalar> = new Set<Scalar>(['float', 'fixed32', 'sfixed32']);

export function wireTypeOf(kind: Scalar): number {
  if (FIXED64.has(kind)) return WireType.fixed64;
  return FIXED32.has(kind) ? WireType.fixed32 : WireType.varint;
}

/** As protobuf's JSON has it: 64 bits as text, floats that JSON lacks as text too. */
export type ScalarValue = number | string | boolean;

/** `bits` as they lie on the wire, unsigned; of `enum` its number. */
export function scalarValue(kind: Scalar, bits: bigint): ScalarValue {
  switch (kind) {
    case 'bool':
      return bits !== 0n;
    case 'int32':
    case 'sfixed32':
    case 'enum':
      return Number(BigInt.asIntN(32, bits));
    case 'uint32':
    case 'fixed32':
      return Number(BigInt.asUintN(32, bits));
    case 'sint32':
      return Number(BigInt.asIntN(32, unzigzag(bits)));
    case 'int64':
    case 'sfixed64':
      return BigInt.asIntN(64, bits).toString();
    case 'uint64':
    case 'fixed64':
      return BigInt.asUintN(64, bits).toString();
    case 'sint64':
      return unzigzag(bits).toString();
    case 'double':
      return spoken(doubleOf(bits));
    case 'float':
      return spoken(floatOf(Number(bits)));
  }
}

function unzigzag(bits: bigint): bigint {
  return (bits >> 1n) ^ -(bits & 1n);
}

function spoken(value: number): ScalarValue {
  return Number.isFinite(value) ? value : String(value);
}

export function doubleOf(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** In as few digits as tell the float: 0.1 is 0.1. */
export function floatOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return Number(view.getFloat32(0).toPrecision(7));
}

/** One value where it lies; undefined for a varint above 64 bits. */
export function readBits(bytes: Uint8Array, wireType: number, start: number, end: number): bigint | undefined {
  let bits = 0n;
  if (wireType === WireType.varint) {
    for (let index = start; index < end; index++)
      bits |= BigInt((bytes[index] ?? 0) & 0x7f) << BigInt(7 * (index - start));
    return bits >> 64n === 0n ? bits : undefined;
  }
  for (let index = end - 1; index >= start; index--) bits = (bits << 8n) | BigInt(bytes[index] ?? 0);
  return bits;
}

/** Values one behind the other, as a packed field has them; undefined when the bytes do not come out even, or hold more than `most`. */
export function readPacked(bytes: Uint8Array, kind: Scalar, most: number): readonly bigint[] | undefined {
  const wireType = wireTypeOf(kind);
  const values: bigint[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = endOf(bytes, wireType, start);
    const bits = end === undefined ? undefined : readBits(bytes, wireType, start, end);
    if (end === undefined || bits === undefined || values.length === most) return undefined;
    values.push(bits);
    start = end;
  }
  return values;
}

const MAX_VARINT_BYTES = 10;

function endOf(bytes: Uint8Array, wireType: number, start: number): number | undefined {
  if (wireType !== WireType.varint) {
    const end = start + (wireType === WireType.fixed64 ? 8 : 4);
    return end > bytes.length ? undefined : end;
  }
  for (let index = start; index < Math.min(bytes.length, start + MAX_VARINT_BYTES); index++)
    if ((bytes[index] ?? 0) < 0x80) return index + 1;
  return undefined;
}

export function writeBits(wireType: number, bits: bigint): Uint8Array {
  if (wireType === WireType.varint) return writeVarint(bits);
  const size = wireType === WireType.fixed64 ? 8 : 4;
  return Uint8Array.from({ length: size }, (_, index) => Number((bits >> BigInt(8 * index)) & 0xffn));
}

export function writeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
