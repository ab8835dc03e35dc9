import { expect, it } from 'vitest';
import { email, isEmail } from '../../../../src/seal/detectors/email.ts';
import { found } from '../../../support/spans.ts';

it.each([
  ['ann@example.org', ['ann@example.org']],
  ['Ann.Lee+shop@mail.example.co.uk', ['Ann.Lee+shop@mail.example.co.uk']],
  ["o'neil@example.org", ["o'neil@example.org"]],
  ['<ann@example.org>, bob@example.com;', ['ann@example.org', 'bob@example.com']],
  ['to=ann@example.org', ['ann@example.org']],
  ["'ann@example.org'", ['ann@example.org']],
  ['/users/ann@example.org/carts', ['ann@example.org']],
  ['mailto:ann@example.org?subject=x', ['ann@example.org']],
  ['ann@example.org.', ['ann@example.org']],
  ['ann@xn--bcher-kva.example', ['ann@xn--bcher-kva.example']],
  ['ann@example.xn--p1ai', ['ann@example.xn--p1ai']],
])('finds in %s', (text, addresses) => {
  expect(found(email, text)).toEqual(addresses);
});

it.each([
  'ann@localhost',
  '@example.org',
  'ann@',
  'ann @example.org',
  'ssh://git@github.com/x',
  'npm i left-pad@1.3.0',
  '@scope/package@2.0.0',
  'a@b.c',
  'x7f3a9c01d2e4@redacted.invalid',
])('leaves %s', (text) => {
  expect(found(email, text)).toEqual([]);
  expect(isEmail(text)).toBe(false);
});

it('tells an address from a text with one', () => {
  expect(isEmail('ann@example.org')).toBe(true);
  expect(isEmail('to ann@example.org')).toBe(false);
});
