/** What a JSON Web Token says (RFC 7519). Its signature is not checked: whoever answered the request has. */
import { textOf } from './json-path.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** `ey` is how base64url spells a brace and a quote, or a space. */
const BEGIN = 'ey';
const TOKEN = /^ey[\w-]*\.([\w-]+)\.[\w-]*$/;
const MOST_TOKEN = 16_384;
const CACHED = 512;

/** Reads claims; the tokens seen last are remembered, for one token comes with many requests and hops. */
export class JwtReader {
  readonly #known = new Map<string, Claims | undefined>();

  /** Undefined for text that is no readable token. */
  read(token: string): Claims | undefined {
    if (!token.startsWith(BEGIN) || token.length > MOST_TOKEN) return undefined;
    if (this.#known.has(token)) return this.#known.get(token);
    const claims = decode(token);
    if (this.#known.size >= CACHED) this.#known.clear();
    this.#known.set(token, claims);
    return claims;
  }
}

/** A claim by its name, names with dots and slashes included; else `a.b` is b inside a. */
export function claimOf(claims: Claims, name: string): string | undefined {
  if (Object.hasOwn(claims, name)) return textOf(claims[name]);
  let value: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Claims)[step];
  }
  return textOf(value);
}

/** A service's own token is no user's: its subject is the client itself (RFC 9068, 2.2), or Auth0's grant type says so. */
export function isMachine(claims: Claims): boolean {
  const { sub, gty, client_id: clientId, azp, cid } = claims;
  if (gty === 'client-credentials') return true;
  return typeof sub === 'string' && [clientId, azp, cid].includes(sub);
}

function decode(token: string): Claims | undefined {
  const [, payload] = TOKEN.exec(token) ?? [];
  if (payload === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
