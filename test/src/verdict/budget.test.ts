import { describe, expect, it } from 'vitest';
import { KeepBudget } from '../../../src/verdict/budget.ts';
import { fingerprint, loopId } from '../../support/transaction.ts';

function budgetOf(loopsPerHour: number) {
  let now = 0;
  return { budget: new KeepBudget(loopsPerHour, { now: () => now }), later: (ms: number) => void (now += ms) };
}

describe('the keep budget', () => {
  it('keeps so many of one failure and counts the rest', () => {
    const { budget } = budgetOf(2);
    expect([1, 2, 3, 4].map((number) => budget.admit(fingerprint(1), loopId(number)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(budget.counted(fingerprint(1))).toBe(2);
  });

  it('has a budget for each failure', () => {
    const { budget } = budgetOf(1);
    expect([budget.admit(fingerprint(1), loopId(1)), budget.admit(fingerprint(2), loopId(2))]).toEqual([true, true]);
  });

  it('decides once: a late part meets the same answer, whatever its fingerprint is by then', () => {
    const { budget } = budgetOf(1);
    budget.admit(fingerprint(1), loopId(1));
    budget.admit(fingerprint(1), loopId(2));
    expect(budget.admit(fingerprint(9), loopId(1))).toBe(true);
    expect(budget.admit(fingerprint(9), loopId(2))).toBe(false);
  });

  it('begins anew after an hour', () => {
    const { budget, later } = budgetOf(1);
    budget.admit(fingerprint(1), loopId(1));
    later(3_600_000);
    expect(budget.admit(fingerprint(1), loopId(2))).toBe(true);
  });
});
