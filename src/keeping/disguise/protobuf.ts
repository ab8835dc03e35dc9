/** Protobuf without a schema: text by its looks, bytes made opaque, numbers as they are unless they are a card's. */
import { encodeGrpcFrame } from '../../wire/grpc/framing.ts';
import { readGrpcMessages } from '../../wire/grpc/messages.ts';
import type { ProtoField } from '../../wire/protobuf/field.ts';
import { readFields } from '../../wire/protobuf/read.ts';
import { writeFields } from '../../wire/protobuf/write.ts';
import type { Disguise } from './disguise.ts';

/** A gRPC body; its messages come out uncompressed, which every reader understands. What cannot be read ends it. */
export function disguiseGrpc(
  body: Uint8Array,
  encoding: string | undefined,
  isJson: boolean,
  disguise: Disguise,
): Uint8Array {
  const { messages } = readGrpcMessages([body], encoding);
  const text = (message: Uint8Array) => Buffer.from(disguise.redact.json(Buffer.from(message).toString('utf8')));
  return Buffer.concat(
    messages.map((message) =>
      encodeGrpcFrame({ compressed: false, bytes: isJson ? text(message) : disguiseMessage(message, disguise) }),
    ),
  );
}

export function disguiseMessage(message: Uint8Array, disguise: Disguise): Uint8Array {
  const fields = readFields(message);
  return 'fault' in fields ? disguise.opaque(message) : writeFields(disguiseFields(fields, disguise));
}

function disguiseFields(fields: readonly ProtoField[], disguise: Disguise): readonly ProtoField[] {
  const [name, value, ...rest] = fields;
  // An entry of map<string, string>, which is how headers and labels travel: {key 1, value 2}.
  const isEntry =
    rest.length === 0 && name?.kind === 'text' && name.number === 1 && value?.kind === 'text' && value.number === 2;
  if (isEntry) return [disguiseField(name, disguise), { ...value, text: disguise.redact.value(name.text, value.text) }];
  return fields.map((field) => disguiseField(field, disguise));
}

function disguiseField(field: ProtoField, disguise: Disguise): ProtoField {
  switch (field.kind) {
    case 'text':
      return { ...field, text: disguise.redact.text(field.text) };
    case 'message':
      return { ...field, fields: disguiseFields(field.fields, disguise) };
    case 'bytes':
      return { ...field, bytes: disguise.opaque(field.bytes) };
    case 'varint':
      return { ...field, value: disguiseNumber(field.value, disguise) };
    case 'fixed64':
    case 'fixed32':
      return field;
  }
}

/** A card's number stays a number (src/seal/shapes.ts). */
function disguiseNumber(value: bigint, { redact }: Disguise): bigint {
  const digits = value.toString();
  const shown = redact.text(digits);
  if (shown === digits) return value;
  return /^\d{1,19}$/.test(shown) ? BigInt(shown) : 0n;
}
