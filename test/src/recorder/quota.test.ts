import { describe, expect, it } from 'vitest';
import { Quota } from '../../../src/recorder/quota.ts';

describe('a quota', () => {
  it('admits so many per key within its window', () => {
    const quota = new Quota(2, 100, 10);
    expect([0, 10, 20, 99].map((now) => quota.admit('a', now))).toEqual([true, true, false, false]);
    expect(quota.admit('b', 99)).toBe(true);
    expect([100, 105, 110].map((now) => quota.admit('a', now))).toEqual([true, false, true]);
  });

  it('has room for so many keys, and gives it up when the oldest expires', () => {
    const quota = new Quota(1, 100, 2);
    expect(['a', 'b', 'c'].map((key, index) => quota.admit(key, index))).toEqual([true, true, false]);
    expect(quota.admit('c', 100)).toBe(true);
    expect(quota.admit('d', 100)).toBe(false);
    expect(quota.isIdle(150)).toBe(false);
    expect(quota.isIdle(200)).toBe(true);
  });

  it('says until when it refuses', () => {
    const quota = new Quota(2, 100, 2);
    expect(quota.refusedUntil('a')).toBe(-Infinity);
    for (const now of [0, 10]) quota.admit('a', now);
    expect(quota.refusedUntil('a')).toBe(100);
    quota.admit('a', 100);
    expect(quota.refusedUntil('a')).toBe(110);
    quota.admit('b', 105);
    expect([quota.refusedUntil('b'), quota.refusedUntil('c')]).toEqual([-Infinity, 200]);
  });
});
