/** Redis commands: keys by their parts, values by the keys and fields they stand under, JSON among them inside; passwords never. */
import { frameOf } from '../wire/redis/framing.ts';
import { decodeFrontend, type Frontend } from '../wire/redis/frontend.ts';
import { fullName, keysOf, secretsOf } from '../wire/redis/language/commands.ts';
import { summarise } from '../wire/redis/language/summary.ts';
import { fieldsOf } from '../wire/redis/language/values.ts';
import type { Redactor } from './redact.ts';

/** Of one value, which may have megabytes. */
const SHOWN_BYTES = 4_096;
const SHOWN_ARGS = 256;

export interface Hiding {
  readonly redact: Redactor;
  /** What stands for bytes that are no text. */
  readonly opaque: (bytes: Uint8Array) => Uint8Array;
}

/** The command as one line for everybody; undefined when its bytes are none. */
export function redisSummary(bytes: Uint8Array | undefined, redact: Redactor): string | undefined {
  const command = bytes && decodeFrontend(frameOf('client', bytes));
  if (command === undefined) return undefined;
  const most = Math.min(command.args.length, SHOWN_ARGS);
  const args = command.args.slice(0, most).map((arg) => arg.subarray(0, SHOWN_BYTES));
  const shown = redactArgs(args, redact, (binary) => Buffer.from(`(${binary.length} bytes)`));
  const line = summarise({ args: shown });
  return most < command.args.length ? `${line} … ${command.args.length - most} more` : line;
}

/** `binary` is done to what is no text. Passwords become `redacted`. */
export function redactArgs(
  args: readonly Uint8Array[],
  redact: Redactor,
  binary: (bytes: Uint8Array) => Uint8Array,
): readonly Uint8Array[] {
  const command: Pick<Frontend, 'args'> = { args };
  const keys = new Set(keysOf(command));
  const secrets = new Set(secretsOf(command));
  const fields = fieldsOf(command);
  // The sign in front of a password is what makes it one.
  const isAcl = fullName(command) === 'ACL SETUSER';
  // MSET has several, each before its value.
  let key = keys.size === 0 ? '' : (textIn(args[0]) ?? '');
  return args.map((arg, at) => {
    if (at === 0) return arg;
    if (keys.has(at)) key = textIn(arg) ?? '';
    if (secrets.has(at)) return isAcl ? Buffer.concat([arg.subarray(0, 1), SECRET]) : SECRET;
    if (keys.has(at)) return redactText(arg, (text) => redact.key(text), binary);
    const under = key;
    return redactText(arg, (text) => redact.stored(under, fields.get(at), text), binary);
  });
}

/** Stands for a password, whichever it is. */
export const SECRET = Buffer.from('redacted');

/** Bytes as text with `hide` done to it; those that are no text with `binary`. */
export function redactText(
  bytes: Uint8Array,
  hide: (text: string) => string,
  binary: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const text = textIn(bytes);
  if (text === undefined) return binary(bytes);
  const hidden = hide(text);
  return hidden === text ? bytes : Buffer.from(hidden);
}

function textIn(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
