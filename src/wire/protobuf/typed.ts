/** Reads a message by its descriptor, and writes it again. A descriptor that does not fit the bytes reads nothing: guesses are better than lies. */
import type { ProtoField } from './field.ts';
import { FieldWalk, WireType } from './fields.ts';
import { readField } from './read.ts';
import { readBits, readPacked, wireTypeOf, writeBits } from './scalar.ts';
import type { FieldType, MessageType, Scalar, Schema } from './schema.ts';
import { long, tag, writeFields } from './write.ts';

export type TypedField =
  /** Bits as on the wire, unsigned. One value, or those of one packed piece. */
  | {
      readonly kind: 'scalar';
      readonly type: FieldType;
      readonly of: Scalar;
      readonly values: readonly bigint[];
      readonly packed: boolean;
    }
  | { readonly kind: 'text'; readonly type: FieldType; readonly text: string }
  | { readonly kind: 'bytes'; readonly type: FieldType; readonly bytes: Uint8Array }
  | { readonly kind: 'message'; readonly type: FieldType; readonly message: TypedMessage }
  /** A number the descriptor does not know, or a message of a type that no descriptor tells: read without. */
  | { readonly kind: 'unknown'; readonly type?: FieldType; readonly field: ProtoField };

export interface TypedMessage {
  readonly type: MessageType;
  /** In wire order. */
  readonly fields: readonly TypedField[];
}

export interface TypedLimits {
  readonly depth: number;
  /** Fields and packed values of all messages together. */
  readonly values: number;
}

const LIMITS: TypedLimits = { depth: 32, values: 20_000 };

/** Undefined when bytes and descriptor disagree (a wire type, text that is no UTF-8), or the limits are passed. Never throws. */
export function readTyped(
  bytes: Uint8Array,
  type: MessageType,
  schema: Schema,
  limits = LIMITS,
): TypedMessage | undefined {
  return new Reader(schema, limits).message(bytes, type, limits.depth);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
  readonly #schema: Schema;
  #left: number;

  constructor(schema: Schema, limits: TypedLimits) {
    this.#schema = schema;
    this.#left = limits.values;
  }

  message(bytes: Uint8Array, type: MessageType, depth: number): TypedMessage | undefined {
    if (depth === 0) return undefined;
    const walk = new FieldWalk().over(bytes, 0, bytes.length);
    const fields: TypedField[] = [];
    while (walk.next()) {
      if (--this.#left < 0) return undefined;
      const known = type.fields.get(walk.field);
      const field = known === undefined ? unknown(bytes, walk) : this.#field(bytes, walk, known, depth);
      if (field === undefined) return undefined;
      fields.push(field);
    }
    return walk.fault === undefined ? { type, fields } : undefined;
  }

  #field(bytes: Uint8Array, walk: FieldWalk, type: FieldType, depth: number): TypedField | undefined {
    const { wireType, start, end } = walk;
    const { kind } = type;
    if (kind !== 'string' && kind !== 'bytes' && kind !== 'message') return this.#scalar(bytes, walk, type, kind);
    if (wireType !== WireType.bytes) return undefined;
    const payload = bytes.subarray(start, end);
    if (kind === 'bytes') return { kind, type, bytes: payload };
    if (kind === 'string') return textField(payload, type);
    const inside = type.typeName === undefined ? undefined : this.#schema.message(type.typeName);
    if (inside === undefined) return unknown(bytes, walk, type);
    const message = this.message(payload, inside, depth - 1);
    return message && { kind, type, message };
  }

  #scalar(bytes: Uint8Array, { wireType, start, end }: FieldWalk, type: FieldType, of: Scalar): TypedField | undefined {
    const expected = wireTypeOf(of);
    if (wireType === expected) {
      const bits = readBits(bytes, wireType, start, end);
      return bits === undefined ? undefined : { kind: 'scalar', type, of, values: [bits], packed: false };
    }
    if (wireType !== WireType.bytes || !type.repeated) return undefined;
    const values = readPacked(bytes.subarray(start, end), of, this.#left);
    if (values === undefined) return undefined;
    this.#left -= values.length;
    return { kind: 'scalar', type, of, values, packed: true };
  }
}

function unknown(bytes: Uint8Array, walk: FieldWalk, type?: FieldType): TypedField | undefined {
  const field = readField(bytes, walk);
  return field && { kind: 'unknown', ...(type && { type }), field };
}

function textField(payload: Uint8Array, type: FieldType): TypedField | undefined {
  try {
    return { kind: 'text', type, text: utf8.decode(payload) };
  } catch {
    return undefined;
  }
}

/** The last field of that number, which is the one that counts. */
export function lastOf({ fields }: TypedMessage, number: number): TypedField | undefined {
  return fields.findLast((field) => field.kind !== 'unknown' && field.type.number === number);
}

/** Bytes that read the same. */
export function writeTyped({ fields }: TypedMessage): Uint8Array {
  return new Uint8Array(Buffer.concat(fields.flatMap(writeField)));
}

function writeField(field: TypedField): readonly Uint8Array[] {
  switch (field.kind) {
    case 'unknown':
      return [writeFields([field.field])];
    case 'text':
      return long(field.type.number, Buffer.from(field.text, 'utf8'));
    case 'bytes':
      return long(field.type.number, field.bytes);
    case 'message':
      return long(field.type.number, writeTyped(field.message));
    case 'scalar': {
      const { type, of, values, packed } = field;
      const wireType = wireTypeOf(of);
      const written = values.map((bits) => writeBits(wireType, bits));
      if (packed) return long(type.number, Buffer.concat(written));
      return written.flatMap((value) => [tag(type.number, wireType), value]);
    }
  }
}
