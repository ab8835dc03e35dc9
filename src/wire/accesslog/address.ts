import { copyAscii } from '../bytes.ts';
import { FieldWalk } from '../protobuf/fields.ts';

const outer = new FieldWalk();
const inner = new FieldWalk();
const utf8 = new TextDecoder();

const COLON = 0x3a;
const OPENING = 0x5b;
const CLOSING = 0x5d;
const LAST_PORT = 65_535;
/** Brackets, a colon and a port. */
const AROUND_HOST = 8;

/**
 * core.v3.Address as Envoy prints it in attributes: `10.0.0.7:51234`, `[::1]:80`, a path, `envoy://listener/endpoint`. Empty for what is
 * none of them.
 */
export function readAddress(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  outer.over(bytes, start, end);
  while (outer.next()) {
    if (outer.isBytes(1)) text = socketAddress(bytes);
    else if (outer.isBytes(2)) text = textAt(bytes, 1);
    else if (outer.isBytes(3)) text = `envoy://${textAt(bytes, 1)}/${textAt(bytes, 2)}`;
  }
  return text;
}

/**
 * Copies what readAddress has for an address into `into`, from `at` on, where it is a socket's in the usual form: one field, a host of plain
 * ASCII. Returns where it ends; -1 for any other, and for what does not fit.
 */
export function copySocketAddress(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  outer.over(bytes, start, end);
  if (!outer.next() || !outer.isBytes(1) || outer.end !== end) return -1;
  let [hostStart, hostEnd, port] = [0, 0, 0];
  inner.over(bytes, outer.start, outer.end);
  while (inner.next()) {
    if (inner.isBytes(2)) [hostStart, hostEnd] = [inner.start, inner.end];
    else if (inner.isVarint(3)) port = inner.value;
  }
  if (inner.fault !== undefined || port > LAST_PORT || at + hostEnd - hostStart + AROUND_HOST > into.length) return -1;
  const isBracketed = hasColon(bytes, hostStart, hostEnd);
  if (isBracketed) into[at] = OPENING;
  let next = copyAscii(bytes, hostStart, hostEnd, into, isBracketed ? at + 1 : at);
  if (next < 0) return -1;
  if (isBracketed) into[next++] = CLOSING;
  into[next++] = COLON;
  return copyDecimal(port, into, next);
}

function hasColon(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) if (bytes[index] === COLON) return true;
  return false;
}

/** Returns where it ends. */
function copyDecimal(number: number, into: Uint8Array, at: number): number {
  let digits = 1;
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
  let rest = number;
  for (let index = at + digits - 1; index >= at; index--) {
    into[index] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return at + digits;
}

/** SocketAddress {address 2, port_value 3}. */
function socketAddress(bytes: Uint8Array): string {
  const host = textAt(bytes, 2);
  let port = 0;
  inner.over(bytes, outer.start, outer.end);
  while (inner.next()) if (inner.isVarint(3)) port = inner.value;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function textAt(bytes: Uint8Array, field: number): string {
  let text = '';
  inner.over(bytes, outer.start, outer.end);
  while (inner.next()) if (inner.isBytes(field)) text = utf8.decode(bytes.subarray(inner.start, inner.end));
  return text;
}
