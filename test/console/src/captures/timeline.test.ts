import { describe, expect, it } from 'vitest';
import { timelineOf, troubleOf } from '../../../../console/src/captures/timeline.ts';
import { takenText, whomOf } from '../../../../console/src/captures/words.ts';
import type { Capture } from '../../../../src/domain/capture.ts';
import { captureIdFrom } from '../../../../src/domain/capture.ts';
import type { LoopSummary } from '../../../../src/domain/loop.ts';
import { loopSummary } from '../../../support/transaction.ts';

const START = 1_000_000;
const CAPTURE: Capture = {
  id: captureIdFrom(Buffer.alloc(8, 1)),
  select: { user: '42', pairs: [] },
  reason: 'ticket 811',
  who: 'anna',
  startedAt: START,
  until: START + 600_000,
  maxBytes: 1,
  maxTransactions: 1,
  lookBack: true,
  transactions: 0,
  failed: 0,
  notWhole: 0,
  bytes: 0,
  leftOut: 0,
  notes: [],
};

const at = (number: number, startedAt: number): LoopSummary => loopSummary(number, { startedAt });
const lines = (capture: Capture, loops: readonly LoopSummary[]): readonly string[] =>
  timelineOf(capture, loops).map((entry) =>
    entry.kind === 'loop'
      ? `${entry.at - START} ${entry.before ? 'before' : 'after'}`
      : `${Math.round(entry.at - START)} ${entry.kind}: ${entry.text}`,
  );

describe('the timeline of a capture', () => {
  it('has what was before and after it began, what is missing where it is missing, and its ends', () => {
    const capture: Capture = {
      ...CAPTURE,
      reachedBackTo: START - 5000,
      endedAt: START + 9000,
      endedBy: 'stopped',
      notes: [{ at: START + 3000, what: 'loopd was away' }],
    };
    expect(lines(capture, [at(3, START + 4000), at(1, START - 5000), at(2, START + 1)])).toEqual([
      '-5000 edge: As far back as the recorder reached',
      '-5000 before',
      '0 edge: The capture began',
      '1 after',
      '3000 hole: loopd was away',
      '4000 after',
      '9000 edge: The capture ended: somebody stopped it',
    ]);
  });

  it('without a look back says so, and of one that runs no end', () => {
    expect(lines({ ...CAPTURE, lookBack: false }, [])).toEqual(['0 edge: The capture began, without a look back']);
    expect(lines(CAPTURE, [])).toEqual(['0 edge: The capture began']);
  });
});

describe('in words', () => {
  it('says where a request went wrong', () => {
    expect(troubleOf(loopSummary(1, { outcome: 'good' }))).toBe('');
    expect(troubleOf({ ...loopSummary(1, { outcome: 'failed' }), service: 'shop' })).toMatch(/^Failed at /);
    expect(troubleOf(loopSummary(1, { outcome: 'swallowed' }))).toMatch(/its caller recovered$/);
  });

  it('says whom it is of, and what it has', () => {
    const tenant = { place: { kind: 'header', name: 'x-tenant' }, value: '7' } as const;
    expect(whomOf({ ...CAPTURE, select: { user: '42', pairs: [tenant] } })).toBe('user 42, header:x-tenant=7');
    expect(whomOf({ ...CAPTURE, select: { pairs: [] } })).toContain('cannot be read');
    expect(takenText(CAPTURE)).toBe('no request');
    expect(takenText({ ...CAPTURE, transactions: 1 })).toBe('1 request, none failed');
    expect(takenText({ ...CAPTURE, transactions: 1200, failed: 2 })).toBe('1,200 requests, 2 failed');
  });
});
