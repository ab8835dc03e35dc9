/** What is asked of every message while it passes, found by one walk over its headers and one over its attributes, and only when asked. */
import { attributeNumber, attributeText } from './attributes.ts';
import { KnownEntries } from './known-entries.ts';
import type { ScannedMessage } from './scanned.ts';
import { equalsAscii, latin1 } from './text.ts';

/** Places in the list of names that a walk over headers looks for. */
export const Named = {
  method: 0,
  status: 1,
  upgrade: 2,
  contentType: 3,
  grpcTimeout: 4,
  grpcStatus: 5,
  requestId: 6,
  traceparent: 7,
  b3: 8,
  b3TraceId: 9,
  b3SpanId: 10,
  path: 11,
  authority: 12,
  setCookie: 13,
} as const;

const HEADERS = {
  names: [
    ':method',
    ':status',
    'upgrade',
    'content-type',
    'grpc-timeout',
    'grpc-status',
    'x-request-id',
    'traceparent',
    'b3',
    'x-b3-traceid',
    'x-b3-spanid',
    ':path',
    ':authority',
    'set-cookie',
  ],
  anyCase: true,
  preferred: 3,
} as const;

export const Attribute = { requestId: 0, requestTime: 1, source: 2, code: 3, flags: 4 } as const;

const ATTRIBUTES = {
  names: ['request.id', 'request.time', 'source.address', 'response.code', 'response.flags'],
  anyCase: false,
} as const;

/** Bytes of `application/grpc`; `text/event-stream` is longer. */
const SHORTEST = 16;

/** The headers of a message of headers or trailers, as far as `Named` has them. Valid until the next scan. */
export function headersIn(bytes: Uint8Array, scanned: ScannedMessage): KnownEntries {
  const headers = (scanned.headers ??= new KnownEntries(HEADERS));
  if (!scanned.headersRead) headers.scan(bytes, scanned.valueStart, scanned.valueEnd);
  scanned.headersRead = true;
  return headers;
}

/** The text of a header; undefined when it is not there. */
export function headerText(bytes: Uint8Array, scanned: ScannedMessage, name: number): string | undefined {
  const headers = headersIn(bytes, scanned);
  return headers.has(name) ? latin1(bytes, headers.start(name), headers.end(name)) : undefined;
}

/** True when the header is there and its value is exactly this ASCII text. */
export function headerIs(bytes: Uint8Array, scanned: ScannedMessage, name: number, text: string): boolean {
  const headers = headersIn(bytes, scanned);
  return headers.has(name) && equalsAscii(bytes, headers.start(name), headers.end(name), text);
}

/** The value of `content-type` where it can be one of a stream of events or of gRPC, else nothing: of most messages no text is made. */
export function streamingType(bytes: Uint8Array, scanned: ScannedMessage): string {
  const headers = headersIn(bytes, scanned);
  const start = headers.start(Named.contentType);
  const end = headers.end(Named.contentType);
  if (start < 0 || end - start < SHORTEST) return '';
  const first = (bytes[start] ?? 0) | 0x20;
  // Anything but a letter may be a space in front of it.
  const isLetter = first >= 0x61 && first <= 0x7a;
  const at = first === 0x61 ? 12 : 5;
  if (isLetter && ((bytes[start + at] ?? 0) | 0x20) !== (at === 12 ? 0x67 : 0x65)) return '';
  return latin1(bytes, start, end);
}

/** The attributes of a message, as far as `Attribute` has them. Valid until the next scan. */
function attributesIn(bytes: Uint8Array, scanned: ScannedMessage): KnownEntries {
  const attributes = (scanned.attributes ??= new KnownEntries(ATTRIBUTES));
  if (!scanned.attributesRead) attributes.scan(bytes, scanned.attributesStart, scanned.attributesEnd);
  scanned.attributesRead = true;
  return attributes;
}

export function hasAttributes({ attributesStart, attributesEnd }: ScannedMessage): boolean {
  return attributesStart !== attributesEnd;
}

/** As findAttribute has it. */
export function attributeOf(bytes: Uint8Array, scanned: ScannedMessage, name: number): string | undefined {
  const attributes = attributesIn(bytes, scanned);
  return attributes.has(name) ? attributeText(bytes, attributes.start(name), attributes.end(name)) : undefined;
}

/** As findNumber has it. */
export function numberOf(bytes: Uint8Array, scanned: ScannedMessage, name: number): number | undefined {
  const attributes = attributesIn(bytes, scanned);
  return attributes.has(name) ? attributeNumber(bytes, attributes.start(name), attributes.end(name)) : undefined;
}

/**
 * Where the text of an attribute lies that is a string of less than 128 bytes and nothing else; its length is the byte in front of it. -1 when
 * the attribute is not there, -2 when it has another form.
 */
export function plainText(bytes: Uint8Array, scanned: ScannedMessage, name: number): number {
  const attributes = attributesIn(bytes, scanned);
  const start = attributes.start(name);
  if (start < 0) return -1;
  const length = attributes.end(name) - start - 2;
  return length >= 0 && length < 0x80 && bytes[start] === STRING_TAG && bytes[start + 1] === length ? start + 2 : -2;
}

/** Value {string 3}. */
const STRING_TAG = 0x1a;
