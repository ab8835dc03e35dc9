/** gRPC bodies in a form that two requests, or two answers, can be compared in: without a schema, by field number. */
import type { Header } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import { readGrpcMessages } from '../../src/wire/grpc/messages.ts';
import type { ProtoField } from '../../src/wire/protobuf/field.ts';
import type { Wording } from '../../src/wire/protobuf/plain.ts';
import { plainMessage } from '../../src/wire/protobuf/plain.ts';
import { readFields } from '../../src/wire/protobuf/read.ts';
import { parseJson } from '../../src/domain/exact-json.ts';

const WORDING: Wording = { bytes: hex, message: timestamp };

/** What the messages of a call with such headers are compared by. */
export function grpcMessageValue(headers: readonly Header[]): (message: Uint8Array) => unknown {
  return /^application\/grpc\+json\b/i.test(header(headers, 'content-type') ?? '') ? jsonValue : protobufValue;
}

/** One message, or a list of them. A body that cannot be read stays equal to itself, as hex. */
export function grpcValue(headers: readonly Header[], body: Uint8Array): unknown {
  const { messages, fault } = readGrpcMessages([body], header(headers, 'grpc-encoding'));
  if (fault !== undefined) return hex(body);
  const values = messages.map(grpcMessageValue(headers));
  return values.length === 1 ? values[0] : values;
}

function protobufValue(message: Uint8Array): unknown {
  const fields = readFields(message);
  return 'fault' in fields ? hex(message) : plainMessage(fields, WORDING);
}

function jsonValue(message: Uint8Array): unknown {
  return parseJson(Buffer.from(message).toString('utf8')) ?? hex(message);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** google.protobuf.Timestamp {seconds 1, nanos 2}, as `seconds.nanos`: one value, so that the time of a run is noise as a whole. */
function timestamp(fields: readonly ProtoField[]): string | undefined {
  const [seconds, nanos, ...more] = fields;
  if (seconds?.kind !== 'varint' || seconds.number !== 1 || more.length > 0) return undefined;
  if (!/^\d{10}$/.test(seconds.value.toString())) return undefined;
  if (nanos === undefined) return `${seconds.value}.${'0'.repeat(9)}`;
  if (nanos.kind !== 'varint' || nanos.number !== 2 || nanos.value >= 1_000_000_000n) return undefined;
  return `${seconds.value}.${nanos.value.toString().padStart(9, '0')}`;
}
