/**
 * What an exchange asks, as a number: equal for exchanges that are sure to be of one route (inbound), or of one call (outbound), and almost
 * surely different for others. Worked out where the head passes, without making text of it.
 */
import type { Direction } from '../domain/exchange.ts';
import { headersIn, Named } from '../wire/extproc/scanned-head.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';

const PRIME = 0x0100_0193;
const SLASH = 0x2f;
const QUERY = 0x3f;
const FRAGMENT = 0x23;
/** Stands for a segment that has a digit, and nothing that no id has. */
const FOLDED = 0x100;

/** Never 0. `scanned` is a message of request headers. */
export function routeDigest(bytes: Uint8Array, scanned: ScannedMessage, direction: Direction): number {
  const headers = headersIn(bytes, scanned);
  const start = headers.start(Named.path);
  const end = headers.end(Named.path);
  let digest = mixText(direction.length, bytes, headers.start(Named.method), headers.end(Named.method));
  if (direction === 'inbound') digest = mixFolded(digest, bytes, start, end);
  else {
    digest = mixText(digest, bytes, headers.start(Named.authority), headers.end(Named.authority));
    digest = mixText(digest, bytes, start, endOf(bytes, start, end));
  }
  return digest === 0 ? 1 : digest;
}

/** The same with who asks. */
export function digestAt(digest: number, name: string): number {
  let mixed = digest;
  for (let at = 0; at < name.length; at += 1) mixed = mix(mixed, name.charCodeAt(at));
  return mixed === 0 ? 1 : mixed;
}

function mix(digest: number, value: number): number {
  const mixed = Math.imul(digest ^ value, PRIME);
  return mixed ^ (mixed >>> 15);
}

/** Of a header that is not there nothing; what follows is told from it all the same. */
function mixText(digest: number, bytes: Uint8Array, start: number, end: number): number {
  let mixed = mix(digest, FOLDED + 1);
  if (start < 0) return mixed;
  for (let at = start; at < end; at += 1) mixed = mix(mixed, bytes[at] ?? 0);
  return mixed;
}

function endOf(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at >= 0 && at < end; at += 1) if (bytes[at] === QUERY) return at;
  return end;
}

/** Folds less than foldPath (domain/route.ts), and never what that leaves apart: only segments of word characters, one of them a digit. */
function mixFolded(digest: number, bytes: Uint8Array, start: number, end: number): number {
  let mixed = digest;
  if (start < 0) return mixed;
  let at = start;
  for (;;) {
    const segment = at;
    const before = mixed;
    let digits = 0;
    let others = 0;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === SLASH || byte === QUERY || byte === FRAGMENT) break;
      const kind = KIND[byte] ?? OTHER;
      digits += kind & DIGIT;
      others |= kind & OTHER;
      mixed = mix(mixed, byte);
    }
    if (digits > 0 && others === 0 && !isVersion(bytes, segment, at)) mixed = mix(before, FOLDED);
    if (at >= end || bytes[at] !== SLASH) return mixed;
    mixed = mix(mixed, SLASH);
    at += 1;
  }
}

/** `v1` names a route. */
function isVersion(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes[start] === 0x76 && end - start <= 3;
}

const DIGIT = 1;
const OTHER = 2;
const KIND = Uint8Array.from({ length: 256 }, (_none, byte) => {
  const char = String.fromCharCode(byte);
  if (/\d/.test(char)) return DIGIT;
  return /[\w-]/.test(char) ? 0 : OTHER;
});
