import { expect, it } from 'vitest';
import { pairText, parsePlace, placeText } from '../../../../src/wire/users/place.ts';

it.each([
  ['jwt:sub', { kind: 'jwt', name: 'sub' }],
  ['jwt:https://example.com/user:id', { kind: 'jwt', name: 'https://example.com/user:id' }],
  ['header:X-User-Id', { kind: 'header', name: 'x-user-id' }],
  ['metadata:User-Id', { kind: 'header', name: 'user-id' }],
  ['cookie:JSESSIONID', { kind: 'cookie', name: 'JSESSIONID' }],
  ['query:user id', { kind: 'query', name: 'user id' }],
  ['json:$.customer.id', { kind: 'json', name: '$.customer.id' }],
] as const)('%s', (text, place) => {
  expect(parsePlace(text)).toEqual(place);
});

it.each([
  '',
  'sub',
  ':sub',
  'jwt:',
  'body:x',
  'header:a b',
  'cookie:a=b',
  'json:customer.id',
  'json:$',
  `query:${'x'.repeat(201)}`,
])('"%s" is none', (text) => {
  expect(parsePlace(text)).toBeUndefined();
});

it('is written as it is read', () => {
  expect(placeText({ kind: 'jwt', name: 'sub' })).toBe('jwt:sub');
  expect(pairText({ place: { kind: 'query', name: 'user' }, value: 'a=b' })).toBe('query:user=a=b');
});
