import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonShape } from '../../../storage/format/json-shape.ts';

const shape = (text: string) => jsonShape(Buffer.from(text));

/** Objects and arrays, and all that is in them. */
function count(value: unknown): number {
  return typeof value === 'object' && value !== null
    ? 1 + Object.values(value).reduce((sum: number, one) => sum + count(one), 0)
    : 1;
}

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
}

it.each([
  ['1', { values: 1, depth: 0 }],
  ['{"a":[1,2,{"b":null}]}', { values: 6, depth: 3 }],
  ['"[[[,,,"', { values: 1, depth: 0 }],
  ['"\\"[[["', { values: 1, depth: 0 }],
  ['"\\\\"[', { values: 2, depth: 1 }],
  ['"not closed [', { values: 1, depth: 0 }],
  ['', { values: 1, depth: 0 }],
])('%s', (text, expected) => {
  expect(shape(text)).toEqual(expected);
});

it('never counts too few, and always the depth', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const { values, depth } = shape(JSON.stringify(value));
      expect(values).toBeGreaterThanOrEqual(count(value));
      expect(depth).toBe(depthOf(value));
    }),
  );
});

it('takes 60 MiB in its stride', () => {
  const bytes = Buffer.alloc(60 * 1024 * 1024, '[],');
  const began = performance.now();
  expect(jsonShape(bytes).values).toBeGreaterThan(40_000_000);
  expect(performance.now() - began).toBeLessThan(2_000);
});
