/** The attribute `request.time` as Envoy prints it, read where it lies. */
import { Attribute, plainText } from './scanned-head.ts';
import type { ScannedMessage } from './scanned.ts';
import { equalsAscii } from './text.ts';

/** `2026-11-22`, and `2026-11-22T00:46:24`. */
const DATE_BYTES = 10;
const SECOND_BYTES = 19;
const ZONE = '+00:00';
const MOST_FRACTION = 9;

/** The day read last, and its midnight: exchanges of one second have one day. */
let day = '';
let midnight = Number.NaN;

/** Unix time in microseconds; undefined for any other form, which parseRequestTime reads (wire/accesslog/time.ts). */
export function readRequestTime(bytes: Uint8Array, scanned: ScannedMessage): number | undefined {
  const start = plainText(bytes, scanned, Attribute.requestTime);
  if (start < 0) return undefined;
  const end = start + (bytes[start - 1] ?? 0);
  const zone = end - ZONE.length;
  if (zone < start + SECOND_BYTES || !equalsAscii(bytes, zone, end, ZONE) || !isDay(bytes, start)) return undefined;
  const seconds = secondsAt(bytes, start + DATE_BYTES);
  const micros = microsBetween(bytes, start + SECOND_BYTES, zone);
  return seconds < 0 || micros < 0 ? undefined : (midnight + seconds * 1000) * 1000 + micros;
}

/** Makes sure that `midnight` is of this day. */
function isDay(bytes: Uint8Array, start: number): boolean {
  if (!equalsAscii(bytes, start, start + DATE_BYTES, day)) {
    const text = Buffer.from(bytes.subarray(start, start + DATE_BYTES)).toString('latin1');
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
    day = text;
    midnight = Date.parse(`${day}T00:00:00Z`);
  }
  return !Number.isNaN(midnight);
}

/** `T00:46:24`, since midnight; -1 for what is none. */
function secondsAt(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x54 || bytes[at + 3] !== 0x3a || bytes[at + 6] !== 0x3a) return -1;
  const hours = twoDigits(bytes, at + 1);
  const minutes = twoDigits(bytes, at + 4);
  const seconds = twoDigits(bytes, at + 7);
  const isTime = hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  return isTime ? hours * 3600 + minutes * 60 + seconds : -1;
}

/** `.862627`, of which zeros at the end are left out, and which may be missing; cut to microseconds. -1 for what is none. */
function microsBetween(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return 0;
  const digits = end - start - 1;
  if (bytes[start] !== 0x2e || digits < 1 || digits > MOST_FRACTION) return -1;
  let micros = 0;
  for (let index = 0; index < Math.max(6, digits); index++) {
    const digit = index < digits ? digitAt(bytes, start + 1 + index) : 0;
    if (digit < 0) return -1;
    if (index < 6) micros = micros * 10 + digit;
  }
  return micros;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = digitAt(bytes, at);
  const ones = digitAt(bytes, at + 1);
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

/** -1 for what is none. */
function digitAt(bytes: Uint8Array, at: number): number {
  const digit = (bytes[at] ?? 0) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1;
}
