import { describe, expect, it } from 'vitest';
import { begun, heard, older, UNKNOWN, withWaiting } from '../../../../console/src/failures/known-loops.ts';
import type { KnownLoops } from '../../../../console/src/failures/known-loops.ts';
import { loopSummary } from '../../../support/transaction.ts';

/** The higher the number, the newer. */
const loops = (...numbers: readonly number[]) => numbers.map((number) => loopSummary(number, { startedAt: number }));
const shownIn = ({ shown }: KnownLoops) => shown.rows.map(({ startedAt }) => startedAt);

describe('the list of loops', () => {
  const first = begun(UNKNOWN, { loops: loops(9, 8, 7), next: 'x' });

  it('grows at its end, and has no loop twice where pages overlap', () => {
    const more = older(first, { loops: loops(7, 6, 5) });
    expect(shownIn(more)).toEqual([9, 8, 7, 6, 5]);
    expect(more.next).toBeUndefined();
  });

  it('does not move what is read; what came is shown when it is asked for', () => {
    const later = heard(first, { loops: loops(11, 10, 9), next: 'y' }, [], true);
    expect(shownIn(later)).toEqual([9, 8, 7]);
    expect(shownIn(withWaiting(later))).toEqual([11, 10, 9, 8, 7]);
    expect(later.next).toBe('x');
  });

  it('begins anew where more has come than a page holds', () => {
    expect(shownIn(heard(first, { loops: loops(30, 29, 28), next: 'y' }, [], false))).toEqual([30, 29, 28]);
  });

  it('loses what was deleted', () => {
    const [gone] = loops(8);
    const events = gone === undefined ? [] : [{ kind: 'loop-deleted' as const, id: gone.id }];
    expect(shownIn(heard(first, { loops: loops(9, 7), next: 'x' }, events, true))).toEqual([9, 7]);
  });
});
