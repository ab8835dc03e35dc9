/**
 * What an entry of the access log and its exchange have in common, as one text: request id, start to the microsecond, and the caller's address.
 * Every exchange has one made, so what is plain ASCII in Envoy's usual form is put together from bytes where they lie.
 */
import { parseRequestTime } from '../wire/accesslog/time.ts';
import { Attribute, attributeOf, hasAttributes, plainText } from '../wire/extproc/scanned-head.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { readRequestTime } from '../wire/extproc/request-time.ts';

/** A longer key is put together from texts. */
const ROOM = 512;
const TIME_BYTES = 7;

const room = Buffer.alloc(ROOM);

export function logKeyOf(requestId: string, startMicros: number, remote: string): string {
  writeTime(0, startMicros);
  return `${requestId}\0${room.toString('latin1', 0, TIME_BYTES)}${remote}`;
}

/** By the attributes of a message; undefined where they have no time. */
export function logKeyIn(bytes: Uint8Array, scanned: ScannedMessage): string | undefined {
  if (!hasAttributes(scanned)) return undefined;
  return plainKey(bytes, scanned) ?? anyKey(bytes, scanned);
}

function plainKey(bytes: Uint8Array, scanned: ScannedMessage): string | undefined {
  const micros = readRequestTime(bytes, scanned);
  if (micros === undefined) return undefined;
  const idEnd = copyPlain(bytes, scanned, Attribute.requestId, 0);
  if (idEnd < 0 || idEnd + 1 + TIME_BYTES > ROOM) return undefined;
  room[idEnd] = 0;
  writeTime(idEnd + 1, micros);
  const end = copyPlain(bytes, scanned, Attribute.source, idEnd + 1 + TIME_BYTES);
  return end < 0 ? undefined : room.toString('latin1', 0, end);
}

function anyKey(bytes: Uint8Array, scanned: ScannedMessage): string | undefined {
  const startMicros = parseRequestTime(attributeOf(bytes, scanned, Attribute.requestTime) ?? '');
  if (startMicros === undefined) return undefined;
  const requestId = attributeOf(bytes, scanned, Attribute.requestId) ?? '';
  return logKeyOf(requestId, startMicros, attributeOf(bytes, scanned, Attribute.source) ?? '');
}

/** Returns where it ends; -1 for what is not plain ASCII, or does not fit. What is not there is empty. */
function copyPlain(bytes: Uint8Array, scanned: ScannedMessage, name: number, at: number): number {
  const start = plainText(bytes, scanned, name);
  if (start < 0) return start === -1 ? at : -1;
  const length = bytes[start - 1] ?? 0;
  if (at + length > ROOM) return -1;
  for (let index = 0; index < length; index++) {
    const byte = bytes[start + index] ?? 0;
    if (byte >= 0x80) return -1;
    room[at + index] = byte;
  }
  return at + length;
}

function writeTime(at: number, micros: number): void {
  let rest = micros;
  for (let index = at + TIME_BYTES - 1; index >= at; index--) {
    const higher = Math.floor(rest / 256);
    room[index] = rest - higher * 256;
    rest = higher;
  }
}
