/** A message with a descriptor, disguised as its JSON would be: by the names of its fields, and by looks. It stays a message of its type. */
import { scalarValue, wireTypeOf } from '../../wire/protobuf/scalar.ts';
import { WireType } from '../../wire/protobuf/fields.ts';
import type { TypedField, TypedMessage } from '../../wire/protobuf/typed.ts';
import { lastOf } from '../../wire/protobuf/typed.ts';
import type { Disguise } from './disguise.ts';
import { disguiseField, disguiseNumber } from './untyped.ts';

const KEY = 1;

/** `name`: a secret one that it stands under, so that everything in it is secret. */
export function disguiseTyped(message: TypedMessage, disguise: Disguise, name?: string): TypedMessage {
  const paired = pairedName(message, disguise);
  const fields = message.fields.map((field) => {
    if (message.type.isEntry && field.type?.number === KEY) return disguiseOne(field, disguise, undefined);
    const own = field.type?.name;
    const byPair = message.type.isEntry || isNamed(own, /^values?$/i) ? paired : undefined;
    const bySelf = own !== undefined && isSecret(own, disguise) ? own : undefined;
    return disguiseOne(field, disguise, name ?? byPair ?? bySelf);
  });
  return { ...message, fields };
}

/** Of a map's entry its key; of `{"name": "password", "value": …}` the name, as in JSON. Undefined when it is no secret one. */
function pairedName(message: TypedMessage, disguise: Disguise): string | undefined {
  const key = message.type.isEntry
    ? lastOf(message, KEY)
    : message.fields.find((field) => field.kind === 'text' && isNamed(field.type.name, /^(?:name|key|field|header)$/i));
  return key?.kind === 'text' && isSecret(key.text, disguise) ? key.text : undefined;
}

function isNamed(name: string | undefined, pattern: RegExp): boolean {
  return name !== undefined && pattern.test(name);
}

/** Nothing looks less like a secret than a letter. */
function isSecret(name: string, { redact }: Disguise): boolean {
  return redact.value(name, 'x') !== 'x';
}

function disguiseOne(field: TypedField, disguise: Disguise, name: string | undefined): TypedField {
  const { redact, opaque } = disguise;
  switch (field.kind) {
    case 'text':
      return { ...field, text: redact.value(name, field.text) };
    case 'bytes': {
      if (name === undefined) return { ...field, bytes: opaque(field.bytes) };
      return {
        ...field,
        bytes: Buffer.from(redact.value(name, Buffer.from(field.bytes).toString('latin1')), 'latin1'),
      };
    }
    case 'message':
      return { ...field, message: disguiseTyped(field.message, disguise, name) };
    case 'scalar':
      return { ...field, values: field.values.map((bits) => disguiseScalar(field, bits, disguise, name)) };
    case 'unknown':
      return { ...field, field: disguiseField(field.field, disguise, name) };
  }
}

/** Truths and enums say what kind something is, never what: JSON shows truths too. Of other secrets no digit stays. */
function disguiseScalar(
  { of }: Extract<TypedField, { kind: 'scalar' }>,
  bits: bigint,
  disguise: Disguise,
  name: string | undefined,
): bigint {
  if (of === 'bool' || of === 'enum') return bits;
  if (name !== undefined) return secretNumber(of, bits, disguise, name);
  return wireTypeOf(of) === WireType.varint && of !== 'sint32' && of !== 'sint64'
    ? disguiseNumber(bits, disguise)
    : bits;
}

/** A card's number stays a number; everything else becomes 0. */
function secretNumber(
  of: Extract<TypedField, { kind: 'scalar' }>['of'],
  bits: bigint,
  { redact }: Disguise,
  name: string,
): bigint {
  if (of !== 'int64' && of !== 'uint64') return 0n;
  const shown = redact.value(name, String(scalarValue(of, bits)));
  return /^[1-9]\d{0,18}$/.test(shown) ? BigInt(shown) : 0n;
}
