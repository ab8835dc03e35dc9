/**
 * A command typed as a line, in both directions, as sdssplitargs of sds.c reads it: words between spaces; "…" with \n \r \t \b \a \xHH and
 * \ before anything else; '…' with \'. Behind a closing quote the word ends. Any client can send such a line, so one pass over it is all.
 * https://github.com/redis/redis/blob/7.4/src/sds.c
 */

/** Undefined when a quote does not close, or more of the word comes behind it. */
export function splitLine(bytes: Uint8Array): Uint8Array[] | undefined {
  const end = lineEnd(bytes);
  const words: Uint8Array[] = [];
  let at = pastSpaces(bytes, 0, end);
  while (at < end) {
    const word: number[] = [];
    at = readWord(bytes, at, end, word);
    if (at === BROKEN) return undefined;
    words.push(Buffer.from(word));
    at = pastSpaces(bytes, at, end);
  }
  return words;
}

/** Without its end. */
export function joinLine(words: readonly Uint8Array[]): string {
  return words.map((word) => (isBare(word) ? Buffer.from(word).toString('latin1') : quoteWord(word))).join(' ');
}

const BROKEN = -1;
const [LINE_FEED, RETURN, BACKSLASH, QUOTE, APOSTROPHE] = [0x0a, 0x0d, 0x5c, 0x22, 0x27];
const ESCAPES: Readonly<Record<number, number>> = { 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09, 0x62: 0x08, 0x61: 0x07 };

function lineEnd(bytes: Uint8Array): number {
  const end = bytes.at(-1) === LINE_FEED ? bytes.length - 1 : bytes.length;
  return end < bytes.length && bytes[end - 1] === RETURN ? end - 1 : end;
}

/** As isspace of C has it. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}

function pastSpaces(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

/** Where the word that begins at `from` ends; `BROKEN` when it does not. Quotes may begin in the middle of it. */
function readWord(bytes: Uint8Array, from: number, end: number, word: number[]): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (isSpace(byte)) return at;
    if (byte === QUOTE || byte === APOSTROPHE) return readQuoted(bytes, at + 1, end, byte, word);
    word.push(byte);
  }
  return end;
}

function readQuoted(bytes: Uint8Array, from: number, end: number, quote: number, word: number[]): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1 === end || isSpace(bytes[at + 1]) ? at + 1 : BROKEN;
    if (byte !== BACKSLASH || at + 1 === end) {
      word.push(byte);
      at += 1;
    } else {
      at = quote === QUOTE ? readEscape(bytes, at + 1, end, word) : readApostrophe(bytes, at + 1, word);
    }
  }
  return BROKEN;
}

/** Behind its backslash. */
function readEscape(bytes: Uint8Array, at: number, end: number, word: number[]): number {
  const letter = bytes[at] ?? 0;
  const [high, low] = [hexDigit(bytes[at + 1]), hexDigit(bytes[at + 2])];
  if (letter === 0x78 && at + 2 < end && high !== -1 && low !== -1) {
    word.push(high * 16 + low);
    return at + 3;
  }
  word.push(ESCAPES[letter] ?? letter);
  return at + 1;
}

/** Between apostrophes a backslash means something only before one. */
function readApostrophe(bytes: Uint8Array, at: number, word: number[]): number {
  if (bytes[at] !== APOSTROPHE) {
    word.push(BACKSLASH);
    return at;
  }
  word.push(APOSTROPHE);
  return at + 1;
}

function hexDigit(byte: number | undefined): number {
  const digit = byte === undefined ? NaN : Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
}

/** A frame that begins with `*` is no line. */
function isBare(bytes: Uint8Array): boolean {
  return /^(?!\*)[!#-&(-~]+$/.test(Buffer.from(bytes).toString('latin1'));
}

/** In quotes whatever it is, as MONITOR has it. Latin-1. */
export function quoteWord(bytes: Uint8Array): string {
  const word = Buffer.from(bytes).toString('latin1');
  const hex = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return `"${word.replace(/["\\]/g, '\\$&').replace(/[^ -~]/g, hex)}"`;
}
