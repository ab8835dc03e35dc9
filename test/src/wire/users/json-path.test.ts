import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJsonPath, readJsonPath } from '../../../../src/wire/users/json-path.ts';

const BODY = { customer: { id: 42, 'a b': 'x', tags: [{ id: 'first' }, null] }, big: 2 ** 60, __proto__x: true };

it.each([
  ['$.customer.id', '42'],
  ["$.customer['a b']", 'x'],
  ['$.customer.tags[0].id', 'first'],
  ['$.customer.tags[1].id', undefined],
  ['$.customer.tags[2]', undefined],
  ['$.customer', undefined],
  ['$.customer.toString', undefined],
  ['$.customer.tags.length', undefined],
  // A number that JSON cannot hold exactly names nobody.
  ['$.big', undefined],
])('%s', (path, value) => {
  expect(readJsonPath(BODY, parseJsonPath(path) ?? [])).toBe(value);
});

it.each(['', 'a', '$', '$.', '$..a', '$.a[-1]', '$.a[*]', '$.a b', `$${'.a'.repeat(33)}`])('%s is no path', (path) => {
  expect(parseJsonPath(path)).toBeUndefined();
});

it('reads whatever it is given', () => {
  fc.assert(
    fc.property(fc.anything(), fc.string(), (value, path) => {
      const read = readJsonPath(value, parseJsonPath(`$.${path}`) ?? ['a', 0]);
      expect(['string', 'undefined']).toContain(typeof read);
    }),
  );
});
