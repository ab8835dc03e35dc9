import { expect, it } from 'vitest';
import { derivation } from '../../../replay-sandbox/compare/derived.ts';

it.each([
  ['tea', 'tea', 'same'],
  ['1250', '1,250.00', 'written otherwise'],
  ['tea', 'dGVh', 'written otherwise'],
  ['a b', 'a%20b', 'written otherwise'],
  ['order-7', 'cart of order-7', 'part'],
  ['7', '17', undefined],
  ['', '', undefined],
  ['tea', 'coffee', undefined],
])('%j makes %j: %s', (source, value, how) => {
  expect(derivation(source, value)).toBe(how);
});
