/** Whose transaction it was, as far as its entry tells. */
import { header } from '../domain/exchange.ts';
import type { Transaction } from '../domain/transaction.ts';
import { exchangeById } from '../domain/transaction.ts';

/** A name that is the same for one user everywhere; undefined when none is told. What it says is never checked: it is counted, not trusted. */
export type UserOf = (transaction: Transaction) => string | undefined;

/** Longer tokens are read by nobody. */
const TOKEN_CHARACTERS = 16_384;
const SUBJECT_CHARACTERS = 256;

/** The subject of the bearer token the entry was asked with. */
export const bearerSubject: UserOf = (transaction) => {
  const request = exchangeById(transaction, transaction.entry)?.request;
  const authorization = request && header(request.headers, 'authorization');
  if (authorization === undefined || authorization.length > TOKEN_CHARACTERS) return undefined;
  const claims = /^bearer +[\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization)?.[1];
  return claims === undefined ? undefined : subjectIn(Buffer.from(claims, 'base64url').toString('utf8'));
};

function subjectIn(claims: string): string | undefined {
  try {
    const { sub } = Object(JSON.parse(claims)) as { readonly sub?: unknown };
    return typeof sub === 'string' && sub !== '' && sub.length <= SUBJECT_CHARACTERS ? sub : undefined;
  } catch {
    return undefined;
  }
}
