import { describe, expect, it } from 'vitest';
import { Samples } from '../../../src/daemon/samples.ts';

describe('samples', () => {
  it('hold the newest, oldest first, with null for what was not known', () => {
    const samples = new Samples(['a', 'b'], 3);
    expect(samples.points('a')).toEqual([]);
    samples.add({ a: 1, b: undefined });
    samples.add({ a: 2, b: 20 });
    expect([samples.points('a'), samples.points('b')]).toEqual([
      [1, 2],
      [null, 20],
    ]);
    samples.add({ a: 3, b: 30 });
    samples.add({ a: 4, b: 40 });
    expect([samples.points('a'), samples.points('b')]).toEqual([
      [2, 3, 4],
      [20, 30, 40],
    ]);
  });
});
