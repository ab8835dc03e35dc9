import { createHmac, createSecretKey } from 'node:crypto';
import type { RedactionKey } from './keys.ts';

/** Stands for a secret: the same value is the same token everywhere in one loop, and another one in every other loop. */
export type Tokenise = (value: string) => string;

const TOKEN = /^REDACTED\([a-z]+\.[0-9a-f]{12}\.\d+\)$/;

/**
 * `REDACTED(jwt.7f3a9c01d2e4.512)`: what kind of value it looked like, 48 bits of HMAC-SHA256 under the loop's redaction key, and the
 * smallest power of two its length in characters does not exceed (at least 8). A keyed hash: without the key a card number cannot be found by trying.
 */
export function createTokens(key: RedactionKey): Tokenise {
  const secret = createSecretKey(key.bytes);
  return (value) => {
    const normal = normalise(value);
    if (TOKEN.test(normal)) return normal;
    const mark = createHmac('sha256', secret).update(normal).digest('hex').slice(0, 12);
    return `REDACTED(${kindOf(normal)}.${mark}.${lengthClass(normal.length)})`;
  };
}

/** The same secret is percent-encoded in a query, quoted in a header, plain in JSON: one token for all. */
function normalise(value: string): string {
  const trimmed = value.trim();
  if (!trimmed.includes('%')) return trimmed;
  try {
    return decodeURIComponent(trimmed);
  } catch {
    return trimmed;
  }
}

function kindOf(value: string): string {
  if (/^eyJ[\w-]*\.[\w.-]*$/.test(value)) return 'jwt';
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return 'uuid';
  if (/^[0-9]+$/.test(value)) return 'digits';
  if (/^[0-9a-f]{16,}$/i.test(value)) return 'hex';
  return 'text';
}

function lengthClass(length: number): number {
  return Math.max(8, 2 ** Math.ceil(Math.log2(Math.max(length, 1))));
}
