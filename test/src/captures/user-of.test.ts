import { describe, expect, it } from 'vitest';
import { DEFAULT_PLACES, USERS } from '../../../src/captures/places.ts';
import { userOfEntry } from '../../../src/captures/user-of.ts';
import { exchange, message, transaction } from '../../support/transaction.ts';

const userOf = userOfEntry(DEFAULT_PLACES);
const encoded = (value: string): string => Buffer.from(value).toString('base64url');
const tokenOf = (claims: unknown): string => `${encoded('{"alg":"HS256"}')}.${encoded(JSON.stringify(claims))}.c2ln`;

function userWith(authorization: string): string | undefined {
  const request = message({ ':method': 'GET', ':path': '/', authorization });
  return userOf(transaction({ exchanges: [exchange(1, { request })] }));
}

describe('the user of a transaction', () => {
  it('is the subject of the token its entry was asked with', () => {
    expect(userWith(`Bearer ${tokenOf({ sub: 'user-7', exp: 1 })}`)).toBe('user-7');
    expect(userWith(`bearer ${tokenOf({ sub: 'Jürgen' })}`)).toBe('Jürgen');
  });

  it.each([
    ['no token', ''],
    ['another scheme', `Basic ${tokenOf({ sub: 'x' })}`],
    ['an opaque token', 'Bearer 3f2a9c01'],
    ['claims that are no JSON', `Bearer a.${encoded('{"sub":')}.c`],
    ['claims that are no object', `Bearer a.${encoded('null')}.c`],
    ['a subject that is no text', `Bearer ${tokenOf({ sub: { toString: 1 } })}`],
    ['an empty subject', `Bearer ${tokenOf({ sub: '' })}`],
    ['a subject without end', `Bearer ${tokenOf({ sub: 'x'.repeat(300) })}`],
    ['a token without end', `Bearer ${tokenOf({ sub: 'x', more: 'y'.repeat(20_000) })}`],
  ])('is not known from %s', (_what, authorization) => {
    expect(userWith(authorization)).toBeUndefined();
  });

  it('is not known without an entry or a request', () => {
    expect(userOf(transaction({ exchanges: [] }))).toBeUndefined();
    expect(userOf(transaction({ exchanges: [{ ...exchange(1), request: undefined } as never] }))).toBeUndefined();
  });

  it('is found where loopd.yaml says, in that order', () => {
    const of = userOfEntry(USERS.parse({ ids: ['header:x-account', 'query:as'] }));
    const request = message({ ':method': 'GET', ':path': '/?as=ben', 'x-account': 'ada' });
    const asked = message({ ':method': 'GET', ':path': '/?as=ben' });
    expect(of(transaction({ exchanges: [exchange(1, { request })] }))).toBe('ada');
    expect(of(transaction({ exchanges: [exchange(1, { request: asked })] }))).toBe('ben');
  });
});
