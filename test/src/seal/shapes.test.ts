import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardDigits, passesLuhn } from '../../../src/seal/detectors/card.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { createTokens } from '../../../src/seal/tokens.ts';

const key = redactionKey(newDataKey());
const tokenise = createTokens(key, { spelling: 'shaped', claims: (json) => json });
const CARDS = ['4111111111111111', '378282246310005', '4222222222222', '6011111111111117'];
const JWT = [
  { alg: 'RS256', kid: 'k1' },
  { sub: 'ann@example.org', exp: 1767322800, token_use: 'access', secret: 's' },
]
  .map((piece) => Buffer.from(JSON.stringify(piece)).toString('base64url'))
  .concat('c2lnbmF0dXJl')
  .join('.');

describe('a card', () => {
  it.each(CARDS)('%s stays as many digits, and is none any more', (card) => {
    const token = tokenise(card);
    expect(token).toMatch(new RegExp(String.raw`^7777\d{${card.length - 4}}$`));
    expect([passesLuhn(token), cardDigits(token)]).toEqual([false, undefined]);
    expect(tokenise(card.replace(/(\d{4})(?=\d)/g, '$1-'))).toBe(token);
  });

  it('is still a number in JSON', () => {
    const redact = createRedactor(key, { spelling: 'shaped' });
    expect(redact.json('{"card":4111111111111111,"n":1}')).toBe(`{"card":${tokenise('4111111111111111')},"n":1}`);
  });
});

it('a UUID is one, of version 8', () => {
  const token = tokenise('6BA7B810-9dad-11d1-80b4-00c04fd430c8');
  expect(token).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8ed0-aced-[0-9a-f]{12}$/);
  expect(tokenise('6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBe(token);
});

it('a JWT keeps what a service decides by, and nothing of its people', () => {
  const { value } = createRedactor(key, { spelling: 'shaped' }).header({
    name: 'authorization',
    value: `Bearer ${JWT}`,
  });
  const [header, claims, signature] = value
    .replace('Bearer ', '')
    .split('.')
    .map((piece) => Buffer.from(piece, 'base64url').toString());
  expect(JSON.parse(header ?? '')).toEqual({ alg: 'RS256', kid: 'k1' });
  expect(JSON.parse(claims ?? '')).toEqual({
    sub: createTokens(key)('ann@example.org'),
    exp: 1767322800,
    token_use: 'access',
    secret: createTokens(key)('s'),
  });
  expect(signature).toMatch(/^redacted [0-9a-f]{12}$/);
});

it('an e-mail address says so itself', () => {
  expect(tokenise('Ann@example.org')).toMatch(/^x[0-9a-f]{12}@redacted\.invalid$/);
  expect(tokenise('ann@EXAMPLE.org')).toBe(tokenise('ann@example.org'));
});

it('a token is its own token, in either spelling, and nobody else’s', () => {
  const other = createTokens(redactionKey(newDataKey()), { spelling: 'shaped', claims: (json) => json });
  const plain = createTokens(key);
  for (const value of [...CARDS, '6ba7b810-9dad-11d1-80b4-00c04fd430c8', JWT, 'ann@example.org', 'other']) {
    const token = tokenise(value);
    expect(tokenise(token)).toBe(token);
    expect(plain(token)).toBe(token);
    expect(other(value)).not.toBe(token);
  }
});

it('an original is not taken for a token', () => {
  const number = fc.integer({ min: 0, max: 999_999_999 }).map((rest) => `7777${String(rest).padStart(12, '0')}`);
  const passed = fc.sample(number, 500).filter((digits) => tokenise(digits) === digits);
  expect(passed.length).toBeLessThan(3);
  expect(tokenise('12345678-1234-8ed0-aced-123456789abc')).not.toBe('12345678-1234-8ed0-aced-123456789abc');
});
