import { describe, expect, it } from 'vitest';
import type { TransactionKey } from '../../../src/domain/ids.ts';
import { KeepBudget } from '../../../src/verdict/budget.ts';
import { fingerprint, transactionKey } from '../../support/transaction.ts';

const HOUR = 3_600_000;
const REQUEST = 'request:r-1' as TransactionKey;

function budgetOf(loopsPerHour: number, begin = 0) {
  let now = begin;
  const budget = new KeepBudget(loopsPerHour, { now: () => now });
  /** Asks, and stores at once what there is room for. */
  const admit = (failure: number, ...keys: readonly TransactionKey[]): boolean => {
    const room = budget.reserve(fingerprint(failure), keys);
    room?.commit();
    return room !== undefined;
  };
  return { budget, admit, later: (ms: number) => void (now += ms) };
}

describe('the keep budget', () => {
  it('keeps so many of one failure, and counts the rest', () => {
    const { admit } = budgetOf(2);
    expect([1, 2, 3, 4].map((number) => admit(1, transactionKey(number)))).toEqual([true, true, false, false]);
  });

  it('has a budget for each failure', () => {
    const { admit } = budgetOf(1);
    expect([admit(1, transactionKey(1)), admit(2, transactionKey(2))]).toEqual([true, true]);
  });

  it('begins anew with the hour of the clock', () => {
    const { admit, later } = budgetOf(1, HOUR - 5);
    expect(admit(1, transactionKey(1))).toBe(true);
    expect(admit(1, transactionKey(2))).toBe(false);
    later(5);
    expect(admit(1, transactionKey(3))).toBe(true);
  });

  it('knows after a restart what the hour had kept', () => {
    const { budget, admit } = budgetOf(3);
    budget.restore(new Map([[fingerprint(1), 2]]));
    expect([admit(1, transactionKey(1)), admit(1, transactionKey(2))]).toEqual([true, false]);
  });

  it('has room again for what could not be stored, and nothing is decided then', () => {
    const { budget, admit } = budgetOf(1);
    budget.reserve(fingerprint(1), [transactionKey(1)])?.release();
    expect(budget.decided([transactionKey(1)])).toBeUndefined();
    expect(admit(1, transactionKey(2))).toBe(true);
  });

  it('is charged for a loop that was stored before it failed', () => {
    const { budget, admit } = budgetOf(1);
    budget.charge(fingerprint(1), [transactionKey(1)]);
    expect(budget.decided([transactionKey(1)])).toBe(true);
    expect(admit(1, transactionKey(2))).toBe(false);
  });
});

describe('a decision', () => {
  it('is met by every part of its transaction, under whichever key it comes', () => {
    const { budget, admit } = budgetOf(1);
    admit(1, transactionKey(9));
    admit(1, transactionKey(1), REQUEST);
    for (const keys of [[transactionKey(1)], [REQUEST], [transactionKey(1), 'request:r-2' as TransactionKey]])
      expect(budget.decided(keys)).toBe(false);
    expect(budget.decided([transactionKey(2)])).toBeUndefined();
  });

  it('is not met by a request id that another trace carries: clients send constant ones', () => {
    const { budget, admit } = budgetOf(1);
    admit(1, transactionKey(9));
    admit(1, transactionKey(1), REQUEST);
    expect(budget.decided([transactionKey(2), REQUEST])).toBeUndefined();
  });

  it('is not met for ever: a request id comes again, and a trace may hold a session', () => {
    const { budget, admit, later } = budgetOf(1);
    admit(1, transactionKey(1), REQUEST);
    later(300_001);
    expect([budget.decided([REQUEST]), budget.decided([transactionKey(1)])]).toEqual([undefined, undefined]);
  });
});
