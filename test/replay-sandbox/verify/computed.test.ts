import { expect, it } from 'vitest';
import { isComputed } from '../../../replay-sandbox/verify/computed.ts';

it.each([
  ['NaN', '1200', true],
  ["'NaN'", '1200', true],
  [undefined, '1200', true],
  ['4711', '4712', false],
  ['4711', '0', false],
  ['k3j2h1g9', 'p0o9i8u7', false],
  ['true', 'false', false],
  ['4711', 'A-100', true],
  ['A-100', '4711', true],
  ['12', '7', false],
])('%s, now %s: %s', (recorded, asked, computed) => {
  expect(isComputed({ where: 'query.n', recorded, asked, noise: false }, ['A-100', '7'])).toBe(computed);
});
