/** Messages of gRPC: by their descriptor where one is known (typed.ts), else text by its looks, bytes made opaque, numbers as they are unless they are a card's. */
import { encodeGrpcFrame } from '../../wire/grpc/framing.ts';
import { readGrpcMessages } from '../../wire/grpc/messages.ts';
import { readFields } from '../../wire/protobuf/read.ts';
import type { MessageType } from '../../wire/protobuf/schema.ts';
import { readTyped, writeTyped } from '../../wire/protobuf/typed.ts';
import { writeFields } from '../../wire/protobuf/write.ts';
import type { Disguise } from './disguise.ts';
import { disguiseTyped } from './typed.ts';
import { disguiseFields } from './untyped.ts';

/** A gRPC body; its messages come out uncompressed, which every reader understands. What cannot be read ends it. */
export function disguiseGrpc(
  body: Uint8Array,
  encoding: string | undefined,
  isJson: boolean,
  disguise: Disguise,
  type?: MessageType,
): Uint8Array {
  const { messages } = readGrpcMessages([body], encoding);
  const text = (message: Uint8Array) => Buffer.from(disguise.redact.json(Buffer.from(message).toString('utf8')));
  return Buffer.concat(
    messages.map((message) =>
      encodeGrpcFrame({ compressed: false, bytes: isJson ? text(message) : disguiseMessage(message, disguise, type) }),
    ),
  );
}

export function disguiseMessage(message: Uint8Array, disguise: Disguise, type?: MessageType): Uint8Array {
  const typed = type && readTyped(message, type, disguise.schema);
  if (typed !== undefined) return writeTyped(disguiseTyped(typed, disguise));
  const fields = readFields(message);
  return 'fault' in fields ? disguise.opaque(message) : writeFields(disguiseFields(fields, disguise));
}
