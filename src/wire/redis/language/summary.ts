/** A command as one line, as redis-cli would show it. */
import { nameOf, type Frontend } from '../frontend.ts';
import { fullName, secretsOf } from './commands.ts';

/** Of one argument; a value may have megabytes. */
const ARGUMENT_CHARACTERS = 4_096;
const SUMMARY_CHARACTERS = 16_384;

/** `HGET cart:7 total`, `SET greeting "hello world"`. Passwords are `(secret)`. */
export function summarise(command: Pick<Frontend, 'args'>): string {
  const { args } = command;
  const secrets = new Set(secretsOf(command));
  const named = fullName(command).split(' ').length;
  const words = [fullName(command) || nameOf(command)];
  let length = 0;
  for (let at = named; at < args.length && length < SUMMARY_CHARACTERS; at++) {
    const word = secrets.has(at) ? '(secret)' : shown(args[at] ?? new Uint8Array());
    words.push(word);
    length += word.length + 1;
  }
  return words.join(' ');
}

/** Text as it is, quoted where it would be taken for several or for none; bytes that are no text escaped. */
export function shown(arg: Uint8Array): string {
  const start = arg.subarray(0, ARGUMENT_CHARACTERS);
  const text = Buffer.from(start).toString('utf8');
  const readable = !text.slice(0, -1).includes('\ufffd');
  const cut = start.length < arg.length ? '…' : '';
  if (readable && /^[^\s"'\\\p{Cc}]+$/u.test(text)) return `${text}${cut}`;
  return readable ? `"${text.replace(/["\\\p{Cc}]/gu, escaped)}${cut}"` : `"${bytesShown(start)}${cut}"`;
}

function bytesShown(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[^ !#-[\]-~]/g, escaped);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  return ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
