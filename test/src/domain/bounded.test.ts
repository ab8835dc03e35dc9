import { expect, it } from 'vitest';
import { forgetOldest } from '../../../src/domain/bounded.ts';

it('what was put in first goes first, from sets and maps', () => {
  const set = new Set(['a', 'b', 'c']);
  forgetOldest(set, 2);
  expect([...set]).toEqual(['b', 'c']);
  const map = new Map([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  forgetOldest(map, 1);
  expect([...map.keys()]).toEqual(['c']);
});

it('nothing goes while there is room, and everything at none', () => {
  const set = new Set([1, 2]);
  forgetOldest(set, 2);
  expect(set.size).toBe(2);
  forgetOldest(set, 0);
  expect(set.size).toBe(0);
});
