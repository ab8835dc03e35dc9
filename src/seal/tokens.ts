import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { REDACTED_DOMAIN } from './detectors/email.ts';
import type { RedactionKey } from './keys.ts';
import { looksOf, type Looks } from './looks.ts';
import { cardShape, isCardShape, isJwtShape, isUuidShape, jwtShape, uuidShape, type Mark } from './shapes.ts';

/** Stands for a secret: the same value is the same token everywhere in one loop, and another one in every other loop. */
export type Tokenise = (value: string) => string;

export interface TokenOptions {
  /**
   * `plain`: for people, who shall see at a glance that a value was taken out. `shaped`: for programs, which shall still find a card
   * number, a UUID or a JWT where they expect one (shapes.ts).
   */
  readonly spelling: 'plain' | 'shaped';
  /** What may be shown of the claims in a JWT: JSON text, redacted. */
  readonly claims: (json: string) => string;
}

const PLAIN: TokenOptions = { spelling: 'plain', claims: () => '{}' };

const TOKEN = /^REDACTED\([a-z]+\.[0-9a-f]{12}\.\d+\)$/;
const EMAIL_TOKEN = new RegExp(String.raw`^x[0-9a-f]{12}@${REDACTED_DOMAIN.replace('.', String.raw`\.`)}$`);

/**
 * `REDACTED(jwt.7f3a9c01d2e4.512)`: what kind of value it looked like, 48 bits of HMAC-SHA256 under the loop's redaction key, and the
 * smallest power of two its length in characters does not exceed (at least 8). An e-mail address becomes `x7f3a9c01d2e4@redacted.invalid`.
 * A keyed hash: without the key a card number cannot be found by trying. A token is its own token.
 */
export function createTokens(key: RedactionKey, options: TokenOptions = PLAIN): Tokenise {
  const mark = createMark(createSecretKey(key.bytes));
  return (value) => {
    const looks = looksOf(value);
    if (isToken(looks.normal, mark)) return looks.normal;
    return (options.spelling === 'shaped' ? shaped(looks, mark, options.claims) : undefined) ?? plain(looks, mark);
  };
}

function createMark(secret: KeyObject): Mark {
  return (value) => createHmac('sha256', secret).update(value).digest();
}

function isToken(normal: string, mark: Mark): boolean {
  return (
    TOKEN.test(normal) ||
    EMAIL_TOKEN.test(normal) ||
    isUuidShape(normal, mark) ||
    isCardShape(normal, mark) ||
    isJwtShape(normal)
  );
}

function shaped({ kind, normal }: Looks, mark: Mark, claims: TokenOptions['claims']): string | undefined {
  if (kind === 'card') return cardShape(normal, mark);
  if (kind === 'uuid') return uuidShape(normal, mark);
  return kind === 'jwt' ? jwtShape(normal, mark, claims) : undefined;
}

function plain({ kind, normal }: Looks, mark: Mark): string {
  const hash = mark(normal).toString('hex').slice(0, 12);
  if (kind === 'email') return `x${hash}@${REDACTED_DOMAIN}`;
  return `REDACTED(${kind}.${hash}.${lengthClass(normal.length)})`;
}

function lengthClass(length: number): number {
  return Math.max(8, 2 ** Math.ceil(Math.log2(Math.max(length, 1))));
}
