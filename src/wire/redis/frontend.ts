/**
 * Commands of the client, in both directions: a list of byte strings, the first of which names the command.
 *
 *     *<count> CR LF, and for each string $<length> CR LF bytes CR LF
 *     inline: strings between spaces, quoted "…" with C escapes or '…', up to a line feed
 */
import type { Frame } from './framing.ts';
import { joinLine, splitLine } from './language/line.ts';

export interface Frontend {
  readonly kind: 'command';
  /** Empty for an empty line or `*0`, which the server passes over in silence. */
  readonly args: readonly Uint8Array[];
  /** Typed as a line, as by netcat. */
  readonly inline: boolean;
}

/** The command in a frame; undefined when it was cut, or its quotes do not close. */
export function decodeFrontend(frame: Frame): Frontend | undefined {
  if (frame.cut) return undefined;
  const args = frame.kind === 'inline' ? splitLine(frame.bytes) : readArgs(frame.bytes, Infinity);
  return args === undefined ? undefined : { kind: 'command', args, inline: frame.kind === 'inline' };
}

/** The first `most` strings of a frame, which may be cut: those that are whole. */
export function firstArgs(frame: Frame, most: number): readonly Uint8Array[] {
  if (frame.kind === 'inline') return frame.cut ? [] : (splitLine(frame.bytes)?.slice(0, most) ?? []);
  return readArgs(frame.bytes, most, true) ?? [];
}

export function encodeFrontend({ args, inline }: Pick<Frontend, 'args'> & { readonly inline?: boolean }): Uint8Array {
  if (inline === true) return Buffer.from(`${joinLine(args)}\r\n`, 'latin1');
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) parts.push(Buffer.from(`$${arg.length}\r\n`), arg, CRLF);
  return Buffer.concat(parts);
}

/** A command of words, for whoever has text. */
export function commandOf(...words: readonly (string | Uint8Array)[]): Frontend {
  const args = words.map((word) => (typeof word === 'string' ? Buffer.from(word, 'utf8') : word));
  return { kind: 'command', args, inline: false };
}

/** In capitals: Redis takes names in any case. Empty for an empty command. */
export function nameOf({ args }: Pick<Frontend, 'args'>): string {
  return wordOf(args[0]);
}

/** An argument that is a keyword, in capitals; empty when it is not there. */
export function wordOf(arg: Uint8Array | undefined): string {
  if (arg === undefined || arg.length > 64) return '';
  let word = '';
  // Not by way of a Buffer: the ingest thread does this for each command.
  for (let at = 0; at < arg.length; at++) word += String.fromCharCode(capital(arg[at] ?? 0));
  return word;
}

function capital(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}

const CRLF = Buffer.from('\r\n');

function readArgs(bytes: Uint8Array, most: number, partly = false): Uint8Array[] | undefined {
  const args: Uint8Array[] = [];
  let at = bytes.indexOf(0x0a) + 1;
  if (at === 0) return undefined;
  while (at < bytes.length && args.length < most) {
    const lineEnd = bytes.indexOf(0x0a, at);
    const length = lineEnd === -1 ? -1 : readNumber(bytes, at + 1, lineEnd - 1);
    const start = lineEnd + 1;
    if (length < 0 || start + length > bytes.length) return partly ? args : undefined;
    args.push(bytes.subarray(start, start + length));
    at = start + length + 2;
  }
  return args;
}

/** Decimal digits, at most ten; -1 for anything else. */
function readNumber(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > 10) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
