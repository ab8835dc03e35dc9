import { FieldWalk, WireType } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';
import { Part } from './scanned.ts';
import type { ScannedMessage } from './scanned.ts';
import { equalsAscii } from './text.ts';

/** Why bytes are no ProcessingRequest. `no-part`: well formed, but none of the six parts is in it. `offset`: how far the reader came. */
export interface ScanFault {
  readonly fault: FieldFault | 'no-part';
  readonly offset: number;
}

/** Envoy's constant key of the attributes map, whatever the filter is called in the configuration. */
const FILTER_KEY = 'envoy.filters.http.ext_proc';

const ATTRIBUTES = 9;
const OBSERVABILITY_MODE = 10;

// One thread scans one message at a time, so one walk per nesting level is enough for all of them.
const request = new FieldWalk();
const inner = new FieldWalk();

export function createScannedMessage(): ScannedMessage {
  return {
    part: Part.requestHeaders,
    endOfStream: false,
    observabilityMode: false,
    valueStart: 0,
    valueEnd: 0,
    attributesStart: 0,
    attributesEnd: 0,
    headers: undefined,
    headersRead: false,
    attributes: undefined,
    attributesRead: false,
  };
}

/**
 * Finds what matters in one ProcessingRequest. Returns `into`, filled, or a fault; after a fault `into` means nothing.
 * Unknown fields are skipped; of a repeated field the last one counts. What lies inside the HeaderMap and the attributes is not looked at.
 */
export function scanMessage(bytes: Uint8Array, into: ScannedMessage): ScannedMessage | ScanFault {
  into.observabilityMode = false;
  into.attributesStart = 0;
  into.attributesEnd = 0;
  into.headersRead = false;
  into.attributesRead = false;
  if (scanUsual(bytes, into)) return into;
  into.observabilityMode = false;
  into.attributesStart = 0;
  into.attributesEnd = 0;
  let found = false;
  request.over(bytes, 0, bytes.length);
  while (request.next()) {
    if (request.isVarint(OBSERVABILITY_MODE)) {
      into.observabilityMode = request.value !== 0;
    } else if (request.wireType === WireType.bytes) {
      const fault = scanNested(bytes, into);
      if (fault !== undefined) return fault;
      found ||= isPart(request.field);
    }
  }
  return faultOf(request) ?? (found ? into : { fault: 'no-part', offset: bytes.length });
}

/**
 * A message as Envoy writes it: one part, with its value in front, then the attributes, if any, and the mode. False for anything else,
 * which is left to the general walk; then `into` means nothing.
 */
function scanUsual(bytes: Uint8Array, into: ScannedMessage): boolean {
  const tag = bytes[0] ?? 0;
  const part = tag >>> 3;
  if ((tag & 7) !== WireType.bytes || !isPart(part)) return false;
  const length = lengthAt(bytes, 1);
  const end = behind + length;
  if (length < 0 || end > bytes.length || !scanUsualPart(bytes, part, end, into)) return false;
  const modeAt = bytes[end] === ATTRIBUTES_TAG ? scanUsualAttributes(bytes, end + 1, into) : end;
  if (modeAt < 0 || modeAt === bytes.length) return modeAt >= 0;
  const mode = bytes[modeAt + 1] ?? 0;
  into.observabilityMode = mode !== 0;
  return bytes[modeAt] === MODE_TAG && modeAt + 2 === bytes.length && mode < 0x80;
}

/** The one entry of the map of attributes, ours, key first. Returns where it ends, -1 for anything else. */
function scanUsualAttributes(bytes: Uint8Array, at: number, into: ScannedMessage): number {
  const length = lengthAt(bytes, at);
  const start = behind;
  const end = start + length;
  const keyEnd = start + 2 + FILTER_KEY.length;
  if (length < 0 || end > bytes.length || keyEnd >= end) return -1;
  if (bytes[start] !== KEY_TAG || bytes[start + 1] !== FILTER_KEY.length || bytes[keyEnd] !== STRUCT_TAG) return -1;
  const size = lengthAt(bytes, keyEnd + 1);
  if (size < 0 || behind + size !== end || !equalsAscii(bytes, start + 2, keyEnd, FILTER_KEY)) return -1;
  into.attributesStart = behind;
  into.attributesEnd = end;
  return end;
}

/** From `behind` to `end`. */
function scanUsualPart(bytes: Uint8Array, part: Part, end: number, into: ScannedMessage): boolean {
  into.part = part;
  into.endOfStream = part >= Part.requestTrailers;
  into.valueStart = end;
  into.valueEnd = end;
  let at = behind;
  if (at < end && bytes[at] === VALUE_TAG) {
    const length = lengthAt(bytes, at + 1);
    if (length < 0) return false;
    into.valueStart = behind;
    into.valueEnd = at = behind + length;
  }
  if (at === end) return true;
  const mark = bytes[at + 1] ?? 0;
  if (part >= Part.requestTrailers || at + 2 !== end || mark >= 0x80) return false;
  into.endOfStream = mark !== 0;
  return bytes[at] === (part <= Part.responseHeaders ? HEADERS_END_TAG : BODY_END_TAG);
}

const VALUE_TAG = 0x0a;
const BODY_END_TAG = 0x10;
const HEADERS_END_TAG = 0x18;
const MODE_TAG = 0x50;
const ATTRIBUTES_TAG = 0x4a;
const KEY_TAG = 0x0a;
const STRUCT_TAG = 0x12;

/** Where the length ends that lengthAt read last. */
let behind = 0;

/** A length of up to four bytes; -1 for a longer one. Behind the end of the bytes are zeros. */
function lengthAt(bytes: Uint8Array, offset: number): number {
  let length = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[offset + index] ?? 0;
    length |= (byte & 0x7f) << (7 * index);
    behind = offset + index + 1;
    if (byte < 0x80) return length;
  }
  return -1;
}

function scanNested(bytes: Uint8Array, into: ScannedMessage): ScanFault | undefined {
  if (isPart(request.field)) scanPart(bytes, request.field, into);
  else if (request.field === ATTRIBUTES) scanAttributes(bytes, into);
  else return undefined;
  return faultOf(inner);
}

function isPart(field: number): field is Part {
  return field >= Part.requestHeaders && field <= Part.responseTrailers;
}

/** HttpHeaders {HeaderMap 1, end_of_stream 3}, HttpBody {bytes 1, end_of_stream 2}, HttpTrailers {HeaderMap 1}. */
function scanPart(bytes: Uint8Array, part: Part, into: ScannedMessage): void {
  into.part = part;
  into.endOfStream = part >= Part.requestTrailers;
  into.valueStart = request.end;
  into.valueEnd = request.end;
  const endField = part <= Part.responseHeaders ? 3 : part <= Part.responseBody ? 2 : 0;
  inner.over(bytes, request.start, request.end);
  while (inner.next()) {
    if (inner.isBytes(1)) {
      into.valueStart = inner.start;
      into.valueEnd = inner.end;
    } else if (inner.isVarint(endField)) {
      into.endOfStream = inner.value !== 0;
    }
  }
}

/** One entry of map<string, Struct>: {key 1, value 2}. */
function scanAttributes(bytes: Uint8Array, into: ScannedMessage): void {
  let ours = false;
  let start = request.end;
  let end = request.end;
  inner.over(bytes, request.start, request.end);
  while (inner.next()) {
    if (inner.isBytes(1)) {
      ours = equalsAscii(bytes, inner.start, inner.end, FILTER_KEY);
    } else if (inner.isBytes(2)) {
      start = inner.start;
      end = inner.end;
    }
  }
  if (!ours) return;
  into.attributesStart = start;
  into.attributesEnd = end;
}

function faultOf(walk: FieldWalk): ScanFault | undefined {
  return walk.fault === undefined ? undefined : { fault: walk.fault, offset: walk.end };
}
