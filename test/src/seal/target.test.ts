import { expect, it } from 'vitest';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { createTokens } from '../../../src/seal/tokens.ts';

const key = redactionKey(newDataKey());
const redact = createRedactor(key);
const token = createTokens(key);

it.each([
  ['/users/ann@example.org/carts', `/users/${token('ann@example.org')}/carts`],
  ['/users/ann%40example.org?x=1', `/users/${token('ann@example.org')}?x=1`],
  ['/cards/4111%201111%201111%201111', `/cards/${token('4111111111111111')}`],
  ['/reset/token/a1B2c3D4e5F6g7H8', `/reset/token/${token('a1B2c3D4e5F6g7H8')}`],
  ['/a;jsessionid=0815?b=1', `/a;jsessionid=${token('0815')}?b=1`],
  [
    'https://u:p4ss@h/users/ann%40example.org?q=%2B491701234567#id=ann@example.org',
    `https://u:${token('p4ss')}@h/users/${token('ann@example.org')}?q=${token('+491701234567')}#id=${token('ann@example.org')}`,
  ],
  [
    `/state/${Buffer.from('{"password":"hunter2"}').toString('base64url')}`,
    `/state/${token(Buffer.from('{"password":"hunter2"}').toString('base64url'))}`,
  ],
])('%s', (target, redacted) => {
  expect(redact.text(target)).toBe(redacted);
  expect(redact.text(redacted)).toBe(redacted);
});

it('spells a token in one way', () => {
  const asked = `/users/${encodeURIComponent(token('ann@example.org'))}`;
  expect(redact.text(asked)).toBe(redact.text('/users/ann%40example.org'));
});

it.each([
  '/',
  '/v1/tokens/refresh',
  '/auth/login?next=%2Fcarts',
  '/v1/sessions/current',
  '/users/%zz/a%20b',
  '//double//slash/',
  'https://shop.example/carts/7?page=2#top',
  '*',
])('leaves %s', (target) => {
  expect(redact.text(target)).toBe(target);
});
