import { expect, it } from 'vitest';
import { queryOf, urlOf } from '../../../src/har/url.ts';

const peer = { name: 'pricing.shop', port: 8080 };

function url(headers: Readonly<Record<string, string>>, of = peer): string {
  const pairs = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const body = { kind: 'empty' } as const;
  const request = { headers: pairs, body, trailers: [], startedAt: 0, endedAt: 0, complete: true };
  return urlOf({ request, peer: of, path: '/unseen' });
}

it.each([
  [{ ':scheme': 'https', ':authority': 'shop:8443', ':path': '/a?b=c' }, 'https://shop:8443/a?b=c'],
  [{ ':authority': '[::1]:80', ':path': '/' }, 'http://[::1]:80/'],
  [{ host: 'shop', ':path': '/a' }, 'http://shop/a'],
  [{ ':path': '/a' }, 'http://pricing.shop:8080/a'],
  [{}, 'http://pricing.shop:8080/unseen'],
  // Not resolved: this is what the service was asked.
  [{ ':authority': 'shop', ':path': '/../../etc/passwd' }, 'http://shop/../../etc/passwd'],
  [{ ':authority': 'shop', ':path': 'http://other/a' }, 'http://other/a'],
  [{ ':authority': 'shop', ':path': '*' }, 'http://shop/*'],
  // Recorded text is bytes: é came as two.
  [{ ':authority': 'shop', ':path': '/caf\u00c3\u00a9 <x>' }, 'http://shop/caf%C3%A9%20%3Cx%3E'],
  [{ ':authority': 'shop', ':path': '/50%' }, 'http://shop/50%25'],
  [{ ':authority': 'a/b', ':path': '/' }, 'http://pricing.shop:8080/'],
])('%j is %s', (headers, expected) => {
  expect(url(headers)).toBe(expected);
  expect(URL.canParse(expected)).toBe(true);
});

it('a host that is none is not known', () => {
  expect(url({ ':authority': 'no host', ':path': '/' }, { name: 'nor\u0000this', port: 1 })).toBe(
    'http://unknown.invalid/',
  );
});

it('the query is decoded, in order', () => {
  expect(queryOf('http://shop/a?b=1&a=%C3%A9&b=2&c#d')).toEqual([
    { name: 'b', value: '1' },
    { name: 'a', value: 'é' },
    { name: 'b', value: '2' },
    { name: 'c', value: '' },
  ]);
  expect(queryOf('http://shop/a')).toEqual([]);
});
