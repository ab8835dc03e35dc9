/** A message as protobuf's JSON has it, with the names of the .proto file. https://protobuf.dev/programming-guides/json/ */
import type { Wording } from './plain.ts';
import { plainMessage } from './plain.ts';
import { scalarValue } from './scalar.ts';
import type { FieldType, Schema } from './schema.ts';
import type { TypedField, TypedMessage } from './typed.ts';
import { lastOf, readTyped } from './typed.ts';
import { wellKnown } from './well-known.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** How nested messages, and single values in them, are said. */
export interface Speaker {
  readonly wording: Wording;
  message(message: TypedMessage): Json;
  /** Its fields by name, none of them special. */
  object(message: TypedMessage): JsonObject;
  field(field: TypedField): Json;
  /** What an Any holds, if its type is known and fits. */
  any(type: string, bytes: Uint8Array): Json | undefined;
}

/** Anys in Anys; deeper ones stay bytes. */
const MAX_ANY = 8;

/** Fields without a name go by their number; `wording` says bytes, and messages without a type. */
export function typedJson(message: TypedMessage, schema: Schema, wording: Wording): Json {
  return speakerFor(schema, wording, MAX_ANY).message(message);
}

function speakerFor(schema: Schema, wording: Wording, anys: number): Speaker {
  const speaker: Speaker = {
    wording,
    message: (message) => {
      const special = wellKnown(message, speaker);
      return special === undefined ? objectOf(message, speaker) : special;
    },
    object: (message) => objectOf(message, speaker),
    field: (field) => valueOf(field, speaker, schema),
    any: (name, bytes) => {
      const type = anys === 0 ? undefined : schema.message(name);
      const held = type && readTyped(bytes, type, schema);
      return held && speakerFor(schema, wording, anys - 1).message(held);
    },
  };
  return speaker;
}

function objectOf(message: TypedMessage, speaker: Speaker): JsonObject {
  const byName = new Map<string, TypedField[]>();
  for (const field of message.fields) {
    const name = nameOf(field);
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [field]);
    else list.push(field);
  }
  // Own properties, whatever the names are: also `__proto__`.
  return Object.fromEntries([...byName].map(([name, fields]) => [name, together(fields, speaker)]));
}

function nameOf(field: TypedField): string {
  if (field.kind === 'unknown') return field.type?.name ?? String(field.field.number);
  return field.type.name;
}

/** Of what is not repeated the last one counts; messages are merged. */
function together(fields: readonly TypedField[], speaker: Speaker): Json {
  const last = fields.at(-1);
  if (last === undefined) return null;
  if (last.kind === 'unknown')
    return fields.length === 1 ? speaker.field(last) : fields.map((field) => speaker.field(field));
  if (isMap(last)) return mapOf(fields, speaker);
  if (last.type.repeated)
    return fields.flatMap((field) => (field.kind === 'scalar' ? scalars(field, speaker) : [speaker.field(field)]));
  if (last.kind !== 'message') return speaker.field(last);
  const parts = fields.flatMap((field) => (field.kind === 'message' ? field.message.fields : []));
  return speaker.message({ type: last.message.type, fields: parts });
}

function scalars(field: Extract<TypedField, { kind: 'scalar' }>, speaker: Speaker): readonly Json[] {
  return field.values.map((bits) => speaker.field({ ...field, values: [bits] }));
}

function valueOf(field: TypedField, speaker: Speaker, schema: Schema): Json {
  switch (field.kind) {
    case 'scalar': {
      const value = scalarValue(field.of, field.values.at(-1) ?? 0n);
      return field.of === 'enum' ? enumName(field.type, value, schema) : value;
    }
    case 'text':
      return field.text;
    case 'bytes':
      return speaker.wording.bytes(field.bytes);
    case 'message':
      return speaker.message(field.message);
    case 'unknown': {
      const { [field.field.number]: value = null } = plainMessage([field.field], speaker.wording);
      return value;
    }
  }
}

function enumName({ typeName }: FieldType, value: Json, schema: Schema): Json {
  const names = typeName === undefined ? undefined : schema.enumeration(typeName);
  return (typeof value === 'number' ? names?.get(value) : undefined) ?? value;
}

function isMap(field: TypedField): boolean {
  return field.kind === 'message' && field.type.repeated && field.message.type.isEntry;
}

/** Text, or a number or truth as text: nothing else can be a key. */
function keyOf(field: TypedField | undefined): string {
  if (field?.kind === 'text') return field.text;
  return field?.kind === 'scalar' ? String(scalarValue(field.of, field.values.at(-1) ?? 0n)) : '';
}

function mapOf(fields: readonly TypedField[], speaker: Speaker): JsonObject {
  const entries = fields.flatMap((field) => {
    if (field.kind !== 'message') return [];
    const [key, value] = [1, 2].map((number) => lastOf(field.message, number));
    return [[keyOf(key), value === undefined ? null : speaker.field(value)]];
  });
  return Object.fromEntries(entries) as JsonObject;
}
