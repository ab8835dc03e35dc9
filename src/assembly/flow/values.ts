/** Values that a message carries: what may flow from a request into the calls made for it, and from their answers into its own. */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Header, Message } from '../../domain/exchange.ts';
import { bodyOf, header } from '../../domain/exchange.ts';
import { isGrpc } from '../../domain/grpc.ts';
import { readGrpcMessages } from '../../wire/grpc/messages.ts';
import type { ProtoField } from '../../wire/protobuf/field.ts';
import { plainMessage } from '../../wire/protobuf/plain.ts';
import { readFields } from '../../wire/protobuf/read.ts';
import { valuesOfHeader, valuesOfTarget } from './headers.ts';
import type { MutableValues, Values } from './value.ts';
import { addLeaves, addValue, isFull } from './value.ts';

/** Read of one body; what flows stands in the first part of it, and the rest costs time on the main thread. Bytes. */
const BODY_BYTES = 256 * 1024;
const DEPTH = 12;

/** Of a request: its target, headers that are no infrastructure, its body. Of an answer: the same without a target. */
export function valuesOfMessage({ headers, body, trailers, ...rest }: Message): Values {
  const values: MutableValues = new Map();
  valuesOfTarget(header(headers, ':path') ?? '', values);
  for (const one of [...headers, ...trailers]) valuesOfHeader(one, values);
  valuesOfBody(headers, bodyOf({ headers, body, trailers, ...rest }), values);
  return values;
}

function valuesOfBody(headers: readonly Header[], raw: Uint8Array, into: MutableValues): void {
  if (raw.length === 0) return;
  const type = header(headers, 'content-type') ?? '';
  if (isGrpc(type)) return valuesOfGrpc(headers, raw, into);
  const text = Buffer.from(decoded(header(headers, 'content-encoding'), raw.subarray(0, BODY_BYTES))).toString('utf8');
  if (/x-www-form-urlencoded/i.test(type)) {
    for (const [name, value] of new URLSearchParams(text)) addValue(value, name, into);
  } else valuesOfText(text, into);
}

/** JSON, a list of JSON values by line (event streams too), or plain text. */
function valuesOfText(text: string, into: MutableValues): void {
  const whole = parsed(text);
  if (whole !== undefined) return addLeaves(whole, 'body', into, DEPTH);
  for (const line of text.split('\n')) {
    if (isFull(into)) return;
    const value = parsed(line.replace(/^data: ?/, ''));
    if (value === undefined) addValue(line, 'body', into);
    else addLeaves(value, 'body', into, DEPTH);
  }
}

function valuesOfGrpc(headers: readonly Header[], raw: Uint8Array, into: MutableValues): void {
  const { messages } = readGrpcMessages([raw.subarray(0, BODY_BYTES)], header(headers, 'grpc-encoding'), BODY_BYTES);
  for (const bytes of messages) {
    const fields = readFields(bytes);
    if ('fault' in fields) continue;
    addLeaves(plainMessage(fields, { bytes: hex, message: nothing }), 'field', into, DEPTH);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 64)).toString('hex');
}

function nothing(_fields: readonly ProtoField[]): undefined {
  return undefined;
}

function parsed(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const DECODERS: Readonly<Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Uint8Array>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

function decoded(encoding: string | undefined, bytes: Uint8Array): Uint8Array {
  const decode = encoding === undefined ? undefined : DECODERS[encoding.toLowerCase()];
  if (decode === undefined) return bytes;
  try {
    return decode(bytes, { maxOutputLength: 4 * BODY_BYTES });
  } catch {
    return new Uint8Array();
  }
}
