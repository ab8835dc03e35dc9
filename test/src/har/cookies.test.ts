import { expect, it } from 'vitest';
import { requestCookies, responseCookies } from '../../../src/har/cookies.ts';

it('of a request, all headers of it', () => {
  const headers = [
    { name: 'cookie', value: 'a=1; b="x=y";; c' },
    { name: 'cookie', value: 'd=4' },
    { name: 'x-cookie', value: 'e=5' },
  ];
  expect(requestCookies(headers)).toEqual([
    { name: 'a', value: '1' },
    { name: 'b', value: '"x=y"' },
    { name: 'c', value: '' },
    { name: 'd', value: '4' },
  ]);
});

it('of an answer, with their attributes', () => {
  const value =
    'sid=REDACTED(text.7f3a9c01d2e4.16); Path=/a; DOMAIN=shop; Secure; Expires=Wed, 21 Oct 2026 07:28:00 GMT';
  expect(responseCookies([{ name: 'set-cookie', value }])).toEqual([
    {
      name: 'sid',
      value: 'REDACTED(text.7f3a9c01d2e4.16)',
      path: '/a',
      domain: 'shop',
      expires: '2026-10-21T07:28:00.000Z',
      httpOnly: false,
      secure: true,
    },
  ]);
  expect(responseCookies([{ name: 'set-cookie', value: '; Expires=soon' }])).toEqual([
    { name: '', value: '', httpOnly: false, secure: false },
  ]);
});
