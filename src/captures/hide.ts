/** Whoever a capture is of does not stand readable in what it keeps: values that somebody typed are hidden wherever they stand whole. */
import type { Redactor } from '../seal/redact.ts';

/** Shorter ones are a number or a word like any other: to hide them everywhere would hide everything. */
const SHORT = 4;
const HIDDEN = 'REDACTED(captured)';

/** A JWT: without originals its claims are spelled out, redacted. */
const TOKEN = /ey[\w-]*\.[\w-]+\.[\w-]*/g;

/** The same redactor, which also hides these values. They are compared as they stand, and as a URL spells them. */
export function hiding(redact: Redactor, values: readonly string[]): Redactor {
  const wanted = [...new Set(values.flatMap((value) => [value, encodeURIComponent(value)]))];
  const long = wanted.filter((value) => value.length >= SHORT);
  if (wanted.length === 0) return redact;
  const inText = pattern(long);
  const inToken = (token: string): string => (tells(token, wanted) ? HIDDEN : token);
  const hide = (text: string): string => {
    const open = text.includes('ey') ? text.replace(TOKEN, inToken) : text;
    return inText === undefined ? open : open.replace(inText, HIDDEN);
  };
  const whole = (text: string): string => (wanted.includes(text) ? HIDDEN : hide(text));
  return {
    header: (header) => {
      const { name, value } = redact.header(header);
      return { name, value: name.startsWith(':') ? hide(value) : whole(value) };
    },
    text: (text) => hide(redact.text(text)),
    json: (text) => hide(redact.json(text)),
    form: (text) => hide(redact.form(text)),
    sql: (text) => hide(redact.sql(text)),
    parameter: (statement, value) => whole(redact.parameter(statement, value)),
    key: (key) => whole(redact.key(key)),
    stored: (key, field, value) => whole(redact.stored(key, field, value)),
    value: (name, value) => whole(redact.value(name, value)),
  };
}

function tells(token: string, values: readonly string[]): boolean {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
  return values.some((value) => claims.includes(value));
}

/** As whole words: `customer-3` is not in `customer-31`. */
function pattern(values: readonly string[]): RegExp | undefined {
  if (values.length === 0) return undefined;
  const escaped = values
    .toSorted((one, other) => other.length - one.length)
    .map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(String.raw`(?<![\p{L}\p{N}_])(?:${escaped.join('|')})(?![\p{L}\p{N}_])`, 'gu');
}
