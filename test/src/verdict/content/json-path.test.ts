import { describe, expect, it } from 'vitest';
import { parsePath, valuesAt } from '../../../../src/verdict/content/json-path.ts';

function find(path: string, value: unknown): readonly unknown[] {
  const steps = parsePath(path);
  if ('fault' in steps) throw new Error(steps.fault);
  return valuesAt(steps, value);
}

const CART = {
  items: [
    { sku: 'a', price: 1 },
    { sku: 'b', price: 2 },
  ],
  'odd name': { x: null },
  error: { message: 'no' },
};

describe('a JSON path', () => {
  it.each([
    ['$', [CART]],
    ['$.items[0].sku', ['a']],
    ['$.items[-1].sku', ['b']],
    ['$.items[7]', []],
    ['$.items[*].price', [1, 2]],
    ['$.items.*.price', [1, 2]],
    ["$['odd name'].x", [null]],
    ['$["odd name"]["x"]', [null]],
    ['$..price', [1, 2]],
    ['$..message', ['no']],
    ["$..['sku']", ['a', 'b']],
    ['$.items..sku', ['a', 'b']],
    ['$.nothing.at.all', []],
    ['$.items.length', []],
    ['$.constructor', []],
    ['$.__proto__', []],
  ])('%s', (path, found) => {
    expect(find(path, CART)).toEqual(found);
  });

  it.each(['errors', '$.', '$..', '$.a[', '$.a[?(@.b)]', '$.a[0:2]', '$.a[0,1]', '$a', "$['a", '$.a b'])(
    '%s is none',
    (path) => {
      expect(parsePath(path)).toMatchObject({ fault: expect.any(String) });
    },
  );

  it('searches a hostile body so far and no further', () => {
    const wide = { a: Array.from({ length: 1_000_000 }, () => ({ b: 1 })) };
    expect(find('$..b', wide)).toEqual([]);
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
    expect(find('$..b', deep)).toEqual([]);
    expect(find(`$${'..*'.repeat(10)}`, { a: { b: { c: { d: [1, 2, 3] } } } }).length).toBeLessThan(100_000);
  });
});
