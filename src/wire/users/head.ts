/** Values at places of one head: the headers of a request or an answer, with its body where somebody has it. */
import type { Place, UserPlaces } from '../../domain/capture.ts';
import type { Header } from '../../domain/exchange.ts';
import { parseJsonPath, readJsonPath } from './json-path.ts';
import { claimOf, isMachine } from './jwt.ts';
import type { Claims, JwtReader } from './jwt.ts';
import { cookieText, cookieValues, everyCookie, queryValues, setCookieValue, utf8Text } from './pairs.ts';

export interface Head {
  readonly side: 'request' | 'answer';
  /** Those that matter (`headerNames`), or all. Names are lower-case. */
  readonly headers: readonly Header[];
  /** The body as JSON; undefined when there is none, or it was not looked at. */
  readonly body?: () => unknown;
}

const BEARER = /^bearer +(\S+)$/i;
const MOST_VALUE = 4096;
const MOST_ID = 256;

/** Names of the headers in which these places stand. */
export function headerNames(places: readonly Place[]): readonly string[] {
  const names = places.flatMap(({ kind, name }) => {
    if (kind === 'header') return [name];
    if (kind === 'jwt') return ['authorization', 'cookie', 'set-cookie'];
    return kind === 'cookie' ? ['cookie', 'set-cookie'] : kind === 'query' ? [':path'] : [];
  });
  return [...new Set(names)];
}

/** Values at a place, decoded as people write them; none that is empty. */
export function valuesAt(place: Place, head: Head, jwt: JwtReader): readonly string[] {
  return rawValuesAt(place, head, jwt).filter((value) => value !== '' && value.length <= MOST_VALUE);
}

function rawValuesAt({ kind, name }: Place, head: Head, jwt: JwtReader): readonly string[] {
  switch (kind) {
    case 'header':
      return all(head, name).map(utf8Text);
    case 'cookie':
      return cookiesOf(head, name).map(cookieText);
    case 'query':
      return all(head, ':path').flatMap((path) => queryValues(path, name));
    case 'jwt':
      return tokensIn(head, jwt).flatMap((claims) => claimOf(claims, name) ?? []);
    case 'json':
      return atPath(head, name);
  }
}

/**
 * Whose head it is: what stands at the first place that shows anything, each id once. Several mean that it cannot be told. Tokens of
 * services, and ids that are nobody's, show nothing.
 */
export function usersIn(head: Head, { ids, nobody }: UserPlaces, jwt: JwtReader): readonly string[] {
  for (const place of ids) {
    const values =
      place.kind === 'jwt'
        ? tokensIn(head, jwt).flatMap((claims) => (isMachine(claims) ? [] : (claimOf(claims, place.name) ?? [])))
        : valuesAt(place, head, jwt);
    const users = values.filter((value) => value !== '' && value.length <= MOST_ID && !isNobody(value, nobody));
    if (users.length > 0) return [...new Set(users)];
  }
  return [];
}

/** Byte for byte: whether a server reads `s%31` as `s1` is not known here. */
export function sessionsIn(head: Head, { sessions }: UserPlaces): readonly string[] {
  const values = sessions.flatMap(({ kind, name }) => (kind === 'cookie' ? cookiesOf(head, name) : all(head, name)));
  const named = values.filter((value) => value !== '' && value.length <= MOST_VALUE);
  return named.length < 2 ? named : [...new Set(named)];
}

function cookiesOf(head: Head, name: string): readonly string[] {
  return head.side === 'request'
    ? all(head, 'cookie').flatMap((value) => cookieValues(value, name))
    : all(head, 'set-cookie').flatMap((value) => setCookieValue(value, name) ?? []);
}

function atPath(head: Head, path: string): readonly string[] {
  const value = readJsonPath(head.body?.(), parseJsonPath(path) ?? []);
  return value === undefined ? [] : [value];
}

/** A bearer token goes before tokens in cookies. */
function tokensIn(head: Head, jwt: JwtReader): readonly Claims[] {
  const bearer = all(head, 'authorization').flatMap((value) => BEARER.exec(value)?.[1] ?? []);
  const named = bearer.map((token) => jwt.read(token)).filter((claims) => claims !== undefined);
  if (named.length > 0) return named;
  const cookies = head.side === 'request' ? all(head, 'cookie').flatMap(everyCookie) : all(head, 'set-cookie');
  const tokens = head.side === 'request' ? cookies : cookies.map((cookie) => setCookieValue(cookie) ?? '');
  return tokens.map((token) => jwt.read(token)).filter((claims) => claims !== undefined);
}

function all({ headers }: Head, name: string): readonly string[] {
  return headers.flatMap((header) => (header.name === name ? [header.value] : []));
}

function isNobody(value: string, nobody: readonly string[]): boolean {
  return nobody.some((one) => (one.endsWith('*') ? value.startsWith(one.slice(0, -1)) : value === one));
}
