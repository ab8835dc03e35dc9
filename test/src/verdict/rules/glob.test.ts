import { describe, expect, it } from 'vitest';
import { compileNameGlob, compilePathGlob, compileTextGlob } from '../../../../src/verdict/rules/glob.ts';

describe('globs', () => {
  it.each([
    ['orders', 'orders', true],
    ['orders', 'ORDERS', true],
    ['orders', 'orders-canary', false],
    ['orders*', 'orders-canary', true],
    ['*-canary', 'orders-canary', true],
    ['*', '', true],
    ['cart-?', 'cart-1', true],
    ['cart-?', 'cart-', false],
    ['*.shop.*', 'orders.shop.svc', true],
  ])('of names: %s and %s', (pattern, text, expected) => {
    expect(compileNameGlob(pattern)(text)).toBe(expected);
  });

  it.each([
    ['/orders/*', '/orders/7', true],
    ['/orders/*', '/orders/7/items', false],
    ['/orders/*', '/orders/', true],
    ['/orders/{id}/items', '/orders/7/items', true],
    ['/orders/**', '/orders/7/items', true],
    ['/orders/**', '/orders', true],
    ['/orders/**', '/ordersx', false],
    ['/**/items', '/orders/7/items', true],
    ['**', '/anything/at/all', true],
    ['/a?c', '/abc', true],
    ['/a?c', '/a/c', false],
    ['/Orders', '/orders', false],
    ['/v1/x:cancel', '/v1/x:cancel', true],
    ['/**', '/', true],
  ])('of paths: %s and %s', (pattern, text, expected) => {
    expect(compilePathGlob(pattern)(text)).toBe(expected);
  });

  it('of other texts: case counts', () => {
    expect(compileTextGlob('ERR-*')('ERR-17/b')).toBe(true);
    expect(compileTextGlob('ERR-*')('err-17')).toBe(false);
  });

  it('of hostile paths: done soon, whatever the pattern', () => {
    const pattern = `/${'*a'.repeat(100)}/**${'b*'.repeat(50)}c`;
    const glob = compilePathGlob(pattern);
    const started = performance.now();
    expect(glob(`/${'a'.repeat(4000)}`)).toBe(false);
    expect(glob(`/${'a'.repeat(1_000_000)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(500);
  });
});
