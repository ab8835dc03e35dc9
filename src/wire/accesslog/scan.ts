import { FieldWalk } from '../protobuf/fields.ts';
import { WireType } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';
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
    requestIdStart: 0,
    requestIdEnd: 0,
    startMicros: 0,
    remoteStart: 0,
    remoteEnd: 0,
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
  clear(into);
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

/** `request.id` of the entry. */
export function requestIdOf(bytes: Uint8Array, { requestIdStart, requestIdEnd }: ScannedEntry): string {
  return utf8.decode(bytes.subarray(requestIdStart, requestIdEnd));
}

/** One by one: every entry begins with this, and Object.assign copies by a call of its own. */
function clear(into: ScannedEntry): void {
  into.requestIdStart = 0;
  into.requestIdEnd = 0;
  into.startMicros = 0;
  into.remoteStart = 0;
  into.remoteEnd = 0;
  into.type = 0;
  into.flags = 0;
  into.code = 0;
  into.durationMs = 0;
  into.method = 0;
  into.requestStart = 0;
  into.requestEnd = 0;
  into.responseStart = 0;
  into.responseEnd = 0;
}

function scanCommon(bytes: Uint8Array, into: ScannedEntry): void {
  inner.over(bytes, entry.start, entry.end);
  while (inner.next()) {
    if (inner.wireType === WireType.bytes) noteCommon(bytes, into);
    else if (inner.isVarint(CommonField.type)) into.type = inner.value;
  }
}

function noteCommon(bytes: Uint8Array, into: ScannedEntry): void {
  const { field, start, end } = inner;
  switch (field) {
    case CommonField.remote:
      into.remoteStart = start;
      into.remoteEnd = end;
      return;
    case CommonField.startTime:
      into.startMicros = readMicros(bytes, start, end);
      return;
    case CommonField.flags:
      into.flags = readFlags(bytes, start, end);
      return;
    case CommonField.duration:
      into.durationMs = readMicros(bytes, start, end) / 1000;
      return;
    case CommonField.streamId:
      into.requestIdStart = start;
      into.requestIdEnd = end;
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
