/**
 * What an entry of the access log and its exchange have in common, as one text: request id, start to the microsecond, and the caller's address.
 * Every exchange has one made, so what is plain ASCII in Envoy's usual form is put together from bytes where they lie.
 */
import { copySocketAddress, readAddress } from '../wire/accesslog/address.ts';
import { requestIdOf } from '../wire/accesslog/scan.ts';
import type { ScannedEntry } from '../wire/accesslog/scanned.ts';
import { parseRequestTime } from '../wire/accesslog/time.ts';
import { copyAscii } from '../wire/bytes.ts';
import { Attribute, attributeOf, hasAttributes, plainText } from '../wire/extproc/scanned-head.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { readRequestTime } from '../wire/extproc/request-time.ts';

/** A longer key is put together from texts. */
const ROOM = 512;
const TIME_BYTES = 7;

const room = Buffer.alloc(ROOM);

/** Of an entry. */
export function logKeyOf(bytes: Uint8Array, scanned: ScannedEntry): string {
  const { requestIdStart, requestIdEnd, startMicros, remoteStart, remoteEnd } = scanned;
  const idEnd = copyAscii(bytes, requestIdStart, requestIdEnd, room, 0);
  if (idEnd >= 0 && idEnd + 1 + TIME_BYTES <= ROOM) {
    const end = copySocketAddress(bytes, remoteStart, remoteEnd, room, beginKey(idEnd, startMicros));
    if (end >= 0) return room.toString('latin1', 0, end);
  }
  return keyOfTexts(requestIdOf(bytes, scanned), startMicros, readAddress(bytes, remoteStart, remoteEnd));
}

/** The same, of texts. */
export function keyOfTexts(requestId: string, startMicros: number, remote: string): string {
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
  const end = copyPlain(bytes, scanned, Attribute.source, beginKey(idEnd, micros));
  return end < 0 ? undefined : room.toString('latin1', 0, end);
}

function anyKey(bytes: Uint8Array, scanned: ScannedMessage): string | undefined {
  const startMicros = parseRequestTime(attributeOf(bytes, scanned, Attribute.requestTime) ?? '');
  if (startMicros === undefined) return undefined;
  const requestId = attributeOf(bytes, scanned, Attribute.requestId) ?? '';
  return keyOfTexts(requestId, startMicros, attributeOf(bytes, scanned, Attribute.source) ?? '');
}

/** Returns where it ends; -1 for what is not plain ASCII, or does not fit. What is not there is empty. */
function copyPlain(bytes: Uint8Array, scanned: ScannedMessage, name: number, at: number): number {
  const start = plainText(bytes, scanned, name);
  if (start < 0) return start === -1 ? at : -1;
  return copyAscii(bytes, start, start + (bytes[start - 1] ?? 0), room, at);
}

/** Behind the id; returns where the address goes. */
function beginKey(idEnd: number, micros: number): number {
  room[idEnd] = 0;
  writeTime(idEnd + 1, micros);
  return idEnd + 1 + TIME_BYTES;
}

function writeTime(at: number, micros: number): void {
  let rest = micros;
  for (let index = at + TIME_BYTES - 1; index >= at; index--) {
    const higher = Math.floor(rest / 256);
    room[index] = rest - higher * 256;
    rest = higher;
  }
}
