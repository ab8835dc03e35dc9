/** Protobuf without a schema: text by its looks, bytes made opaque, numbers as they are unless they are a card's. */
import type { ProtoField } from '../../wire/protobuf/field.ts';
import type { Disguise } from './disguise.ts';

export function disguiseFields(fields: readonly ProtoField[], disguise: Disguise): readonly ProtoField[] {
  const [name, value, ...rest] = fields;
  // An entry of map<string, string>, which is how headers and labels travel: {key 1, value 2}.
  const isEntry =
    rest.length === 0 && name?.kind === 'text' && name.number === 1 && value?.kind === 'text' && value.number === 2;
  if (isEntry) return [disguiseField(name, disguise), { ...value, text: disguise.redact.value(name.text, value.text) }];
  return fields.map((field) => disguiseField(field, disguise));
}

/** `name`: a secret one that it stands under. */
export function disguiseField(field: ProtoField, disguise: Disguise, name?: string): ProtoField {
  switch (field.kind) {
    case 'text':
      return { ...field, text: disguise.redact.value(name, field.text) };
    case 'message':
      if (name === undefined) return { ...field, fields: disguiseFields(field.fields, disguise) };
      return { ...field, fields: field.fields.map((inside) => disguiseField(inside, disguise, name)) };
    case 'bytes':
      return { ...field, bytes: disguise.opaque(field.bytes) };
    case 'varint':
      return { ...field, value: name === undefined ? disguiseNumber(field.value, disguise) : 0n };
    case 'fixed64':
      return name === undefined ? field : { ...field, value: 0n };
    case 'fixed32':
      return name === undefined ? field : { ...field, value: 0 };
  }
}

/** A card's number stays a number (src/seal/shapes.ts). */
export function disguiseNumber(value: bigint, { redact }: Disguise): bigint {
  const digits = value.toString();
  const shown = redact.text(digits);
  if (shown === digits) return value;
  return /^\d{1,19}$/.test(shown) ? BigInt(shown) : 0n;
}
