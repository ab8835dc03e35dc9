import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPath } from '../../../src/domain/route.ts';

describe('the route of a path', () => {
  it.each([
    ['/', '/'],
    ['/carts', '/carts'],
    ['/carts/17?full=1', '/carts/*'],
    ['/carts/17#end', '/carts/*'],
    ['/v1/carts/7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f/lines', '/v1/carts/*/lines'],
    ['/v12/x', '/v12/x'],
    ['/blobs/deadbeefdead', '/blobs/*'],
    ['/coupons/TEATIME25', '/coupons/*'],
    ['/coupons/TEATIME', '/coupons/TEATIME'],
    ['/.well-known/jwks.json', '/.well-known/jwks.json'],
    ['*', '*'],
    ['', ''],
  ])('%s is %s', (path, route) => {
    expect(foldPath(path)).toBe(route);
  });

  it('of any text: never throws, keeps the number of segments, and is its own route', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webPath(), fc.string({ unit: 'binary' })), (path) => {
        const route = foldPath(path);
        expect(route.split('/')).toHaveLength((path.split(/[?#]/)[0] ?? '').split('/').length);
        expect(foldPath(route)).toBe(route);
      }),
    );
  });

  it('of a very long path, at once', () => {
    expect(foldPath(`/${'a-'.repeat(100_000)}!`)).toHaveLength(200_002);
  });
});
