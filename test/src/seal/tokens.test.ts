import { expect, it } from 'vitest';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createTokens } from '../../../src/seal/tokens.ts';

const key = newDataKey();
const tokenise = createTokens(redactionKey(key));

it('keeps the kind and the class of length, and nothing else', () => {
  expect(tokenise('hunter2')).toMatch(/^REDACTED\(text\.[0-9a-f]{12}\.8\)$/);
  expect(tokenise('x'.repeat(9))).toMatch(/^REDACTED\(text\.[0-9a-f]{12}\.16\)$/);
  expect(tokenise('4111111111111111')).toMatch(/^REDACTED\(card\.[0-9a-f]{12}\.16\)$/);
  expect(tokenise('4111111111111112')).toMatch(/^REDACTED\(digits\.[0-9a-f]{12}\.16\)$/);
  expect(tokenise('0123456789abcdef0')).toMatch(/^REDACTED\(hex\.[0-9a-f]{12}\.32\)$/);
  expect(tokenise('6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toMatch(/^REDACTED\(uuid\.[0-9a-f]{12}\.64\)$/);
  expect(tokenise('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln')).toMatch(/^REDACTED\(jwt\.[0-9a-f]{12}\.64\)$/);
});

it('is the same for the same value in one loop, however it was written, and another in every other loop', () => {
  expect(createTokens(redactionKey(key))('a b')).toBe(tokenise('a b'));
  expect(tokenise('a%20b')).toBe(tokenise(' a b '));
  expect(tokenise('100%')).toBe(tokenise('100% '));
  expect(createTokens(redactionKey(newDataKey()))('a b')).not.toBe(tokenise('a b'));
  expect(tokenise('a c')).not.toBe(tokenise('a b'));
});

it('leaves a token as it is, so that redacting twice is redacting once', () => {
  expect(tokenise(tokenise('hunter2'))).toBe(tokenise('hunter2'));
});
