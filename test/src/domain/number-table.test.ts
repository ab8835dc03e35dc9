import { expect, test } from 'vitest';
import { NumberTable } from '../../../src/domain/number-table.ts';
import type { Numbered } from '../../../src/domain/number-table.ts';

function filled(count: number): { readonly table: NumberTable<Numbered>; readonly items: readonly Numbered[] } {
  const table = new NumberTable<Numbered>(16);
  const items = Array.from({ length: count }, (_none, index) => ({ number: index + 1 }));
  for (const item of items) table.add(item);
  return { table, items };
}

test('each is found by its number as long as it is there, many tables later too', () => {
  const { table, items } = filled(5000);
  expect(table.size).toBe(5000);
  expect(items.filter((item) => table.get(item.number) !== item)).toEqual([]);
  expect([0, 5001, 1_000_000].map((number) => table.get(number))).toEqual([undefined, undefined, undefined]);
  for (const item of items) if (item.number % 7 > 0) table.delete(item);
  const left = items.filter(({ number }) => table.get(number) !== undefined);
  expect(left.map(({ number }) => number % 7)).toEqual(Array<number>(714).fill(0));
  expect(table.size).toBe(714);
  expect([...table]).toHaveLength(714);
});

test('one that lives on when its place is wanted again stays, beside the one that has it', () => {
  const table = new NumberTable<Numbered>(16);
  const old = { number: 3 };
  table.add(old);
  for (let number = 4; number < 200; number++) {
    const young = { number };
    table.add(young);
    expect([table.get(number), table.get(3)]).toEqual([young, old]);
    table.delete(young);
  }
  table.delete(old);
  expect([table.get(3), table.size]).toEqual([undefined, 0]);
});

test('one that has left leaves once', () => {
  const { table, items } = filled(3);
  for (const item of [...items, ...items]) table.delete(item);
  expect(table.size).toBe(0);
});
