import { FieldWalk } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';
import { readAddress } from './address.ts';
import { CommonField, EntryField, RequestField, ResponseField } from './fields.ts';
import { readFlags } from './flags.ts';
import type { ScannedEntry } from './scanned.ts';
import { readMicros } from './time.ts';

/** Why bytes are no HTTPAccessLogEntry. `offset`: how far the reader came. */
export interface EntryFault {
  readonly fault: FieldFault;
  readonly offset: number;
}

const entry = new FieldWalk();
const inner = new FieldWalk();
const wrapped = new FieldWalk();
const utf8 = new TextDecoder();

export function createScannedEntry(): ScannedEntry {
  return {
    requestId: '',
    startMicros: 0,
    remote: '',
    type: 0,
    flags: 0,
    code: 0,
    durationMs: 0,
    method: 0,
    requestStart: 0,
    requestEnd: 0,
    responseStart: 0,
    responseEnd: 0,
  };
}

/** Returns `into`, filled, or a fault; after a fault `into` means nothing. Unknown fields are skipped; of a repeated one the last counts. */
export function scanEntry(bytes: Uint8Array, into: ScannedEntry): ScannedEntry | EntryFault {
  Object.assign(into, EMPTY);
  entry.over(bytes, 0, bytes.length);
  while (entry.next()) {
    if (entry.isBytes(EntryField.common)) scanCommon(bytes, into);
    else if (entry.isBytes(EntryField.response)) scanResponse(bytes, into);
    else if (entry.isBytes(EntryField.request)) scanRequest(bytes, into);
    else continue;
    if (inner.fault !== undefined) return { fault: inner.fault, offset: inner.end };
  }
  return entry.fault === undefined ? into : { fault: entry.fault, offset: entry.end };
}

const EMPTY: Readonly<ScannedEntry> = createScannedEntry();

function scanCommon(bytes: Uint8Array, into: ScannedEntry): void {
  inner.over(bytes, entry.start, entry.end);
  while (inner.next()) {
    const { start, end } = inner;
    if (inner.isBytes(CommonField.remote)) into.remote = readAddress(bytes, start, end);
    else if (inner.isBytes(CommonField.startTime)) into.startMicros = readMicros(bytes, start, end);
    else if (inner.isBytes(CommonField.flags)) into.flags = readFlags(bytes, start, end);
    else if (inner.isBytes(CommonField.duration)) into.durationMs = readMicros(bytes, start, end) / 1000;
    else if (inner.isBytes(CommonField.streamId)) into.requestId = utf8.decode(bytes.subarray(start, end));
    else if (inner.isVarint(CommonField.type)) into.type = inner.value;
  }
}

function scanRequest(bytes: Uint8Array, into: ScannedEntry): void {
  into.requestStart = entry.start;
  into.requestEnd = entry.end;
  inner.over(bytes, entry.start, entry.end);
  while (inner.next()) if (inner.isVarint(RequestField.method)) into.method = inner.value;
}

function scanResponse(bytes: Uint8Array, into: ScannedEntry): void {
  into.responseStart = entry.start;
  into.responseEnd = entry.end;
  inner.over(bytes, entry.start, entry.end);
  while (inner.next()) {
    if (!inner.isBytes(ResponseField.code)) continue;
    // UInt32Value {value 1}.
    wrapped.over(bytes, inner.start, inner.end);
    while (wrapped.next()) if (wrapped.isVarint(1)) into.code = wrapped.value;
  }
}
