/** A gRPC body as text: one line of JSON per message, fields by number since no schema is at hand. */
import type { Message } from '../domain/exchange.ts';
import { bodyOf, header } from '../domain/exchange.ts';
import { readGrpcMessages } from '../wire/grpc/messages.ts';
import type { Wording } from '../wire/protobuf/plain.ts';
import { plainMessage } from '../wire/protobuf/plain.ts';
import { readFields } from '../wire/protobuf/read.ts';
import type { BodyLimits, BodyText } from './body.ts';

/** What cannot be read cannot be redacted: bytes are counted, never shown. */
const WORDING: Wording = { bytes: counted, message: () => undefined };

/** What came before a fault is shown, and the fault said. */
export function readGrpcBody(message: Message, limits: BodyLimits): BodyText {
  const encoding = header(message.headers, 'grpc-encoding');
  const { messages, fault } = readGrpcMessages([bodyOf(message)], encoding, limits.decompressedBytes);
  if (messages.length === 0) return { kind: 'not-text', why: `is no gRPC message (${fault ?? 'nothing'})` };
  const isJson = /^application\/grpc\+json\b/i.test(header(message.headers, 'content-type') ?? '');
  const lines = [...messages.map(isJson ? utf8 : protobufLine), ...(fault === undefined ? [] : [`"${fault}"`])];
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

function utf8(message: Uint8Array): string {
  return Buffer.from(message).toString('utf8');
}

function counted(bytes: Uint8Array): string {
  return `(${bytes.length} bytes)`;
}
