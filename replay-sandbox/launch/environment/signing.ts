/** Secrets that a replay cannot do without: those by which the service verifies the tokens of the recorded request. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { parseJson } from '../../../src/domain/exact-json.ts';

const TOKEN = /\b(eyJ[\w-]+)\.([\w-]+)\.([\w-]+)/g;
const HASHES: ReadonlyMap<string, string> = new Map([
  ['HS256', 'sha256'],
  ['HS384', 'sha384'],
  ['HS512', 'sha512'],
]);

/** True for a secret, as it is or in base64, with which a token of the request was signed. */
export function signedRequest({ request }: Exchange): (secret: string) => boolean {
  const tokens = (request?.headers ?? []).flatMap(({ value }) => [...value.matchAll(TOKEN)]);
  return (secret) =>
    tokens.some((token) => [Buffer.from(secret), Buffer.from(secret, 'base64')].some((key) => signs(key, token)));
}

function signs(key: Uint8Array, [, head = '', claims = '', signature = '']: RegExpMatchArray): boolean {
  const header = parseJson(Buffer.from(head, 'base64url').toString('utf8'));
  const algorithm = typeof header === 'object' && header !== null && 'alg' in header ? String(header.alg) : '';
  const hash = HASHES.get(algorithm);
  if (hash === undefined || key.length === 0) return false;
  const expected = createHmac(hash, key).update(`${head}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
