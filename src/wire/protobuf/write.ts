import type { ProtoField } from './field.ts';
import { WireType } from './fields.ts';
import { writeVarint } from './scalar.ts';

/** What was read, as bytes again: the same bytes. */
export function writeFields(fields: readonly ProtoField[]): Uint8Array {
  return new Uint8Array(Buffer.concat(fields.flatMap(writeField)));
}

function writeField(field: ProtoField): readonly Uint8Array[] {
  switch (field.kind) {
    case 'varint':
      return [tag(field.number, WireType.varint), writeVarint(field.value)];
    case 'fixed64': {
      const bits = Buffer.alloc(8);
      bits.writeBigUInt64LE(field.value);
      return [tag(field.number, WireType.fixed64), bits];
    }
    case 'fixed32': {
      const bits = Buffer.alloc(4);
      bits.writeUInt32LE(field.value);
      return [tag(field.number, WireType.fixed32), bits];
    }
    case 'text':
      return long(field.number, Buffer.from(field.text, 'utf8'));
    case 'message':
      return long(field.number, writeFields(field.fields));
    case 'bytes':
      return long(field.number, field.bytes);
  }
}

export function long(number: number, payload: Uint8Array): readonly Uint8Array[] {
  return [tag(number, WireType.bytes), writeVarint(BigInt(payload.length)), payload];
}

export function tag(number: number, wireType: number): Uint8Array {
  return writeVarint((BigInt(number) << 3n) | BigInt(wireType));
}
