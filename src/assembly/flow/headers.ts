/** Values in the head of a message. */
import type { Header } from '../../domain/exchange.ts';
import type { MutableValues } from './value.ts';
import { addLeaves, addPairs, addValue } from './value.ts';

/** Set by clients, proxies and tracers for themselves: they say nothing of what is asked. */
const INFRASTRUCTURE =
  /^(?::|accept|access-control|age$|alt-svc|b3$|baggage$|cache-control|connection|content-|date$|etag|expect|expires|forwarded|grpc-|host$|if-|keep-alive|last-modified|origin$|pragma|proxy-|range|referer|sec-|server|te$|trace|tracestate|trailer|transfer-|upgrade|user-agent|vary|via$|x-amzn-trace|x-b3|x-cloud-trace|x-datadog|x-envoy|x-forwarded|x-ot-|x-powered|x-real-ip|x-request-id|x-request-start)/;
const STANDARD_CLAIMS: ReadonlySet<string> = new Set(['iss', 'aud', 'exp', 'iat', 'nbf', 'azp', 'typ', 'alg', 'kid']);
const JWT = /^[\w-]+\.([\w-]+)\.[\w-]*$/;

/** Path segments and query of a request target. */
export function valuesOfTarget(target: string, into: MutableValues): void {
  const [path = '', query = ''] = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split('?', 2);
  const segments = path.split('/').filter((segment) => segment !== '');
  for (const [index, segment] of segments.entries()) addValue(unescaped(segment), segments[index - 1] ?? 'path', into);
  const asked = [...new URLSearchParams(query)];
  for (const [name, value] of asked) addValue(value, name, into);
  // The last segment mostly says which one.
  const last = segments.at(-1);
  addPairs(
    [
      ...(last === undefined ? [] : [[unescaped(last), segments.at(-2) ?? 'path'] as const]),
      ...asked.map(([name, value]) => [value, name] as const),
    ],
    into,
  );
}

export function valuesOfHeader({ name, value }: Header, into: MutableValues): void {
  if (INFRASTRUCTURE.test(name)) return;
  if (name === 'cookie' || name === 'set-cookie') return valuesOfCookies(value, into);
  const credential = name === 'authorization' ? (/^\S+\s+(\S.*)$/.exec(value)?.[1] ?? value) : value;
  const claims = claimsOf(credential);
  if (claims !== undefined) addLeaves(claims, name, into, 4);
  else addValue(credential, name, into);
}

function valuesOfCookies(value: string, into: MutableValues): void {
  for (const pair of value.split(';').slice(0, 50)) {
    const at = pair.indexOf('=');
    if (at > 0) addValue(pair.slice(at + 1), pair.slice(0, at).trim(), into);
  }
}

/** What a JSON web token says of its bearer. Nothing is verified: it is only compared. */
function claimsOf(token: string): unknown {
  const payload = JWT.exec(token)?.[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null) return undefined;
    return Object.fromEntries(Object.entries(claims).filter(([name]) => !STANDARD_CLAIMS.has(name)));
  } catch {
    return undefined;
  }
}

function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
