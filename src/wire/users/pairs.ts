/** Names and values in cookies and queries. */

const MOST_PAIRS = 500;

/** Header values are bytes, held as Latin-1: what people type is UTF-8. */
export function utf8Text(latin1: string): string {
  const text = latin1.trim();
  // oxlint-disable-next-line no-control-regex -- anything but ASCII
  return /^[\u0000-\u007f]*$/.test(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
}

/** Values of a cookie in a `cookie` header, as they stand there. A name may come more than once. */
export function cookieValues(header: string, name: string): readonly string[] {
  const values: string[] = [];
  for (const pair of header.split(';', MOST_PAIRS)) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) values.push(pair.slice(equals + 1).trim());
  }
  return values;
}

/** All values in a `cookie` header, as they stand there. */
export function everyCookie(header: string): readonly string[] {
  return header.split(';', MOST_PAIRS).map((pair) => pair.slice(pair.indexOf('=') + 1).trim());
}

/** The value that a `set-cookie` header gives this cookie, as it stands there; undefined when it is another's, and when it takes the cookie away. */
export function setCookieValue(header: string, name?: string): string | undefined {
  const end = header.indexOf(';');
  const pair = end < 0 ? header : header.slice(0, end);
  const equals = pair.indexOf('=');
  if (equals <= 0 || (name !== undefined && pair.slice(0, equals).trim() !== name)) return undefined;
  const value = pair.slice(equals + 1).trim();
  return value === '' || /;\s*max-age=(?:0|-\d+)\s*(?:;|$)/i.test(header) ? undefined : value;
}

/** Values of a parameter in the query of a path. */
export function queryValues(path: string, name: string): readonly string[] {
  const mark = path.indexOf('?');
  if (mark < 0) return [];
  const values: string[] = [];
  for (const pair of path.slice(mark + 1).split('&', MOST_PAIRS)) {
    const equals = pair.indexOf('=');
    if (equals < 0 || unescaped(pair.slice(0, equals)) !== name) continue;
    values.push(unescaped(pair.slice(equals + 1)));
  }
  return values;
}

/** A cookie as people write it: without quotes, percent escapes read. */
export function cookieText(raw: string): string {
  const text = raw.replace(/^"(.*)"$/, '$1');
  return decoded(text) ?? utf8Text(text);
}

function unescaped(raw: string): string {
  const text = raw.replaceAll('+', ' ');
  return decoded(text) ?? utf8Text(text);
}

/** Undefined for text with a percent sign that escapes nothing. */
function decoded(text: string): string | undefined {
  if (!text.includes('%')) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
