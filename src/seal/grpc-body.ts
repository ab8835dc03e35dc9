/** A gRPC body as text: one line of JSON per message, fields by name where a descriptor fits the bytes, else by number. */
import type { Message } from '../domain/exchange.ts';
import { bodyOf, header } from '../domain/exchange.ts';
import { readGrpcMessages } from '../wire/grpc/messages.ts';
import type { Wording } from '../wire/protobuf/plain.ts';
import { plainMessage } from '../wire/protobuf/plain.ts';
import { typedJson } from '../wire/protobuf/json.ts';
import { readFields } from '../wire/protobuf/read.ts';
import type { MessageType, Schema } from '../wire/protobuf/schema.ts';
import { readTyped } from '../wire/protobuf/typed.ts';
import type { BodyLimits, BodyText } from './body.ts';

/** What cannot be read cannot be redacted: bytes are counted, never shown. */
const WORDING: Wording = { bytes: counted, message: () => undefined };
/** Of a field that is known to hold bytes. */
const TYPED_WORDING: Wording = { bytes: base64, message: () => undefined };
const SHOWN_BYTES = 1024;

/** What a method takes, or gives. */
export interface MessageSchema {
  readonly type: MessageType;
  readonly schema: Schema;
}

export function messageSchema(schema: Schema, path: string, side: 'input' | 'output'): MessageSchema | undefined {
  const name = schema.method(path.split('?', 1)[0] ?? path)?.[side];
  const type = name === undefined ? undefined : schema.message(name);
  return type && { type, schema };
}

/** What came before a fault is shown, and the fault said. */
export function readGrpcBody(message: Message, limits: BodyLimits, known?: MessageSchema): BodyText {
  const encoding = header(message.headers, 'grpc-encoding');
  const { messages, fault } = readGrpcMessages([bodyOf(message)], encoding, limits.decompressedBytes);
  if (messages.length === 0) return { kind: 'not-text', why: `is no gRPC message (${fault ?? 'nothing'})` };
  const isJson = /^application\/grpc\+json\b/i.test(header(message.headers, 'content-type') ?? '');
  const lines = [
    ...messages.map((one) => (isJson ? utf8(one) : ((known && typedLine(one, known)) ?? protobufLine(one)))),
    ...(fault === undefined ? [] : [`"${fault}"`]),
  ];
  const text = lines.join('\n');
  return {
    kind: 'text',
    grammar: 'json',
    text: text.slice(0, limits.textBytes),
    cut: text.length > limits.textBytes,
  };
}

function protobufLine(message: Uint8Array): string {
  const fields = readFields(message);
  return JSON.stringify('fault' in fields ? counted(message) : plainMessage(fields, WORDING));
}

/** Undefined when the descriptor is not that of the message. */
function typedLine(bytes: Uint8Array, { type, schema }: MessageSchema): string | undefined {
  const message = readTyped(bytes, type, schema);
  return message && JSON.stringify(typedJson(message, schema, TYPED_WORDING));
}

/** Text among other bytes is a message in a message, or a format of its own: redaction could not look into it. */
function base64(bytes: Uint8Array): string {
  const mixed = /[\x20-\x7e]{8}/.test(Buffer.from(bytes).toString('latin1')) && !isUtf8Text(bytes);
  return mixed || bytes.length > SHOWN_BYTES ? counted(bytes) : Buffer.from(bytes).toString('base64');
}

function isUtf8Text(bytes: Uint8Array): boolean {
  return !/[^\P{Cc}\t\r\n]|\ufffd/u.test(Buffer.from(bytes).toString('utf8'));
}

function utf8(message: Uint8Array): string {
  return Buffer.from(message).toString('utf8');
}

function counted(bytes: Uint8Array): string {
  return `(${bytes.length} bytes)`;
}
