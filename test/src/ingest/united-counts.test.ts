import { describe, expect, it } from 'vitest';
import { parseTransactionKey } from '../../../src/domain/ids.ts';
import type { TransactionKey } from '../../../src/domain/ids.ts';
import { UnitedCounts } from '../../../src/ingest/united-counts.ts';
import type { BrakedCount } from '../../../src/recorder/brake.ts';
import { digestOfKey } from '../../../src/domain/key-digest.ts';

function key(name: string): TransactionKey {
  const parsed = parseTransactionKey(`request:${name}`);
  if (parsed === undefined) throw new Error(`${name} is no request id`);
  return parsed;
}

const named = (...names: readonly string[]) => names.map((name) => [digestOfKey(key(name))]);

function counted(signature: string, names: readonly string[], taken: readonly string[] = []): BrakedCount {
  const transactions = { counted: named(...names), uncounted: named(...taken) };
  return { signature, count: names.length - taken.length, firstAt: 1, lastAt: 2, ...transactions };
}

describe('failures that several brakes have counted', () => {
  it('count once, under what was told first', () => {
    const counts = new UnitedCounts();
    expect(counts.braked(0, [counted('orders', ['a', 'b'])])).toEqual([
      { signature: 'orders', count: 2, firstAt: 1, lastAt: 2 },
    ]);
    expect(counts.braked(1, [counted('pricing', ['b', 'c'])])).toMatchObject([{ signature: 'pricing', count: 1 }]);
    expect(counts.braked(1, [counted('pricing', ['a'])])).toEqual([]);
  });

  it('are one by any key', () => {
    const counts = new UnitedCounts();
    const both = [digestOfKey(key('trace')), digestOfKey(key('id'))];
    counts.braked(0, [{ signature: 'orders', count: 1, firstAt: 1, lastAt: 1, counted: [both] }]);
    expect(counts.braked(1, [counted('pricing', ['id'])])).toEqual([]);
  });

  it('do not count where the keeper looks at them, whichever comes first', () => {
    const counts = new UnitedCounts();
    counts.braked(1, [counted('pricing', ['a'])]);
    expect(counts.arrived([key('a')])).toEqual([{ signature: 'pricing', count: -1, firstAt: 2, lastAt: 2 }]);
    expect(counts.arrived([key('a')])).toEqual([]);
    expect(counts.arrived([key('b')])).toEqual([]);
    expect(counts.braked(1, [counted('pricing', ['b'])])).toEqual([]);
  });

  it('are taken back once, by the one that they count for', () => {
    const counts = new UnitedCounts();
    counts.braked(0, [counted('orders', ['a', 'b'])]);
    counts.braked(1, [counted('pricing', ['a'])]);
    expect(counts.braked(1, [counted('pricing', [], ['a'])])).toEqual([]);
    expect(counts.braked(0, [counted('orders', [], ['a'])])).toMatchObject([{ signature: 'orders', count: -1 }]);
    counts.arrived([key('b')]);
    expect(counts.braked(0, [counted('orders', [], ['b'])])).toEqual([]);
  });

  it.each([[[0, 1]], [[1, 0]]])('are taken back once when all who counted them do, in the order %j', (order) => {
    const counts = new UnitedCounts();
    const sum = (told: readonly BrakedCount[]): number => told.reduce((all, { count }) => all + count, 0);
    const counting = [0, 1].map((worker) => sum(counts.braked(worker, [counted('orders', ['a'])])));
    const taking = order.map((worker) => sum(counts.braked(worker, [counted('orders', [], ['a'])])));
    expect([...counting, ...taking].reduce((all, count) => all + count, 0)).toBe(0);
    // Whoever took it back has handed it out: the keeper counts it, and another worker's late half is no news.
    expect(counts.arrived([key('a')])).toEqual([]);
    expect(counts.braked(1, [counted('pricing', ['a'])])).toEqual([]);
  });

  it('are taken back once also when nobody remembers that they were counted', () => {
    const counts = new UnitedCounts();
    expect(counts.braked(0, [counted('orders', [], ['a'])])).toMatchObject([{ count: -1 }]);
    expect(counts.braked(1, [counted('orders', [], ['a'])])).toEqual([]);
  });
});
