import { describe, expect, it } from 'vitest';
import { isLoopback, mappedRoutes, placeOf } from '../../../replay-sandbox/mocks/mapped.ts';
import type { Mock } from '../../../replay-sandbox/mocks/mock.ts';
import type { Refusal } from '../../../replay-sandbox/mocks/refusal.ts';
import type { Route } from '../../../replay-sandbox/mocks/router.ts';
import { withSuggestion } from '../../../replay-sandbox/mocks/suggest.ts';

function route(name: string, port: number, protocol = 'http'): Route {
  const mock: Mock = { protocol, serve: () => undefined, unused: () => [] };
  return { name, port, mock, clientFirst: protocol === 'http' };
}

const ROUTES = [
  route('stock.shop', 80),
  route('stock.shop', 8000),
  route('postgres.shop', 5432, 'postgres'),
  route('redis.shop', 6379, 'redis'),
];

describe('a place', () => {
  it.each([
    ['PG.local', { name: 'pg.local' }],
    ['pg.local:5433', { name: 'pg.local', port: 5433 }],
    ['10.0.0.7:80', { name: '10.0.0.7', port: 80 }],
    ['[::1]:80', { name: '[::1]', port: 80 }],
    ['a b', undefined],
    ['', undefined],
    ['pg:123456', undefined],
  ])('%s', (text, place) => expect(placeOf(text)).toEqual(place));

  it.each(['localhost', '127.0.0.1', '127.8.9.1', '::1', '[::1]'])('%s is the service’s own', (name) => {
    expect(isLoopback({ name })).toBe(true);
  });

  it.each(['localhost.shop', '128.0.0.1', 'my-localhost'])('%s is not', (name) => {
    expect(isLoopback({ name })).toBe(false);
  });
});

describe('a name that is mapped', () => {
  const at = (map: Readonly<Record<string, string>>) =>
    mappedRoutes(map, ROUTES).map((one) => `${one.at.name}:${one.at.port} ${one.route.name}:${one.route.port}`);

  it('without a port, at all ports of the recorded one', () => {
    expect(at({ 'stock.local': 'stock.shop' })).toEqual([
      'stock.local:80 stock.shop:80',
      'stock.local:8000 stock.shop:8000',
    ]);
  });

  it('with another port', () => {
    expect(at({ 'localhost:5433': 'postgres.shop:5432' })).toEqual(['localhost:5433 postgres.shop:5432']);
  });

  it('by the first word of the recorded one', () => {
    expect(at({ db: 'postgres' })).toEqual(['db:5432 postgres.shop:5432']);
  });

  describe('that begins several', () => {
    const among = [route('api.bank.com', 80), route('api.internal', 80), route('api.internal', 81)];
    const to = (place: string, routes = among) =>
      mappedRoutes({ here: place }, routes).map((one) => `${one.route.name}:${one.route.port}`);

    it('is refused, and they are named', () => {
      expect(() => to('api')).toThrow(
        expect.objectContaining({
          code: 'bad-map',
          message: '--map here=api: that may be api.bank.com or api.internal.',
        }) as Error,
      );
    });

    it('leads to the one that its port tells', () => {
      expect(to('api:81')).toEqual(['api.internal:81']);
    });

    it('leads to the very name where that is recorded, too', () => {
      expect(to('api', [...among, route('api', 80)])).toEqual(['api:80']);
    });
  });

  it.each([{ db: 'mysql.shop' }, { db: 'postgres.shop:5433' }, { db: 'post' }])('to nobody is a slip: %o', (map) => {
    expect(() => at(map)).toThrow(expect.objectContaining({ code: 'bad-config' }) as Error);
  });
});

describe('what a refused name may stand for', () => {
  const hint = (refusal: Partial<Refusal>, env: Readonly<Record<string, string>> = {}): string | undefined =>
    withSuggestion({ kind: 'dns', target: 'db.local', reason: '', ...refusal }, ROUTES, env).hint;

  it.each([
    ['by the protocol of a URL', {}, { URL: 'postgres://me:x@db.local/shop' }, '--map db.local=postgres.shop'],
    ['by the port of a URL', {}, { URL: 'redis://db.local:6379' }, '--map db.local=redis.shop'],
    ['by the port it dialled', { kind: 'tcp', target: '10.0.0.9:5432' }, {}, '--map 10.0.0.9=postgres.shop'],
    ['by its first word', { target: 'redis.local' }, {}, '--map redis.local=redis.shop'],
    ['on the loopback', { kind: 'tcp', target: 'localhost:5432' }, {}, '--map localhost:5432=postgres.shop:5432'],
  ] as const)('%s', (_, refusal, env, words) => {
    expect(hint(refusal, env)).toBe(`${words}, if that is the recorded one under another name.`);
  });

  it('nothing, when nothing fits, or it is no name', () => {
    expect(hint({})).toBeUndefined();
    expect(hint({ kind: 'unix', target: '/run/redis.sock' })).toBeUndefined();
    expect(hint({ hint: 'its own' })).toBe('its own');
  });
});
