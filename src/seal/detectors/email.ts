import { glanced, type Span } from './detector.ts';

const LOCAL = /[\w.!#$%&'*+/=?^`{|}~-]/;
/** RFC 5321, 4.5.3.1: 64 before the at sign, 255 behind it. */
const LOCAL_CHARACTERS = 64;
const DOMAIN =
  /(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24})(?![A-Za-z0-9])/y;
/** What may stand at the edge of an address in a text, and is no part of it there. */
const EDGE = /^[.'`{|}=/?&!*^~#$%+-]+/;

/** The domain of our own tokens (tokens.ts); `.invalid` belongs to nobody (RFC 2606). */
export const REDACTED_DOMAIN = 'redacted.invalid';

/** E-mail addresses. What a URL has before its host (`ssh://git@host.example`) is none. */
export const email = glanced('e-mail', (text) => text.includes('@'), find);

export function isEmail(value: string): boolean {
  const [span] = find(value);
  return span?.start === 0 && span.end === value.length;
}

function* find(text: string): Generator<Span> {
  let done = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    DOMAIN.lastIndex = at + 1;
    const domain = DOMAIN.exec(text)?.[0];
    if (domain === undefined || domain === REDACTED_DOMAIN) continue;
    const start = localStart(text, at, done);
    if (start === at || text.slice(start - 3, start) === '://') continue;
    done = at + 1 + domain.length;
    yield { start, end: done };
  }
}

function localStart(text: string, at: number, from: number): number {
  let start = at;
  while (start > from && at - start < LOCAL_CHARACTERS && LOCAL.test(text[start - 1] ?? '')) start--;
  // `to=ann@…` and `/ann@…` begin behind their sign: those signs are allowed in addresses, and nobody uses them.
  const local = text.slice(start, at);
  const own = local.slice(
    Math.max(local.lastIndexOf('='), local.lastIndexOf('/'), local.lastIndexOf('?'), local.lastIndexOf('&')) + 1,
  );
  return at - own.replace(EDGE, '').length;
}
