/** A ProcessingRequest as bytes again: what `decodeMessage` reads. Field numbers are those of scan.ts. */
import type { ProtoField } from '../protobuf/field.ts';
import { writeFields } from '../protobuf/write.ts';
import type { DecodedMessage } from './decode.ts';
import { encodeHeaders } from './headers.ts';
import { Part } from './scanned.ts';

const FILTER_KEY = 'envoy.filters.http.ext_proc';
const ATTRIBUTES = 9;
const OBSERVABILITY_MODE = 10;

/** Attributes come out as text, whatever they were: readers take them as text. */
export function encodeMessage(message: DecodedMessage): Uint8Array {
  const attributes = Object.entries(message.attributes);
  return writeFields([
    { kind: 'message', number: message.part, fields: partFields(message) },
    ...(attributes.length === 0 ? [] : [attributesField(attributes)]),
    ...(message.observabilityMode ? [flag(OBSERVABILITY_MODE)] : []),
  ]);
}

/** HttpHeaders {HeaderMap 1, end_of_stream 3}, HttpBody {bytes 1, end_of_stream 2}, HttpTrailers {HeaderMap 1}. */
function partFields({ part, headers, body, endOfStream }: DecodedMessage): readonly ProtoField[] {
  const isBody = part === Part.requestBody || part === Part.responseBody;
  const bytes = isBody ? (body ?? new Uint8Array()) : encodeHeaders(headers ?? []);
  const isTrailers = part === Part.requestTrailers || part === Part.responseTrailers;
  const ends = endOfStream && !isTrailers ? [flag(isBody ? 2 : 3)] : [];
  return [{ kind: 'bytes', number: 1, bytes }, ...ends];
}

/** map<string, Struct>, Struct {map<string, Value> 1}, Value {string 3}; a map entry is {key 1, value 2}. */
function attributesField(attributes: readonly (readonly [string, string])[]): ProtoField {
  const entries = attributes.map(([key, value]) => message(1, [text(1, key), message(2, [text(3, value)])]));
  return message(ATTRIBUTES, [text(1, FILTER_KEY), message(2, entries)]);
}

function message(number: number, fields: readonly ProtoField[]): ProtoField {
  return { kind: 'message', number, fields };
}

function text(number: number, value: string): ProtoField {
  return { kind: 'text', number, text: value };
}

function flag(number: number): ProtoField {
  return { kind: 'varint', number, value: 1n };
}
