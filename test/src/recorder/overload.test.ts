import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LoadSample, NOTHING_SHED, Overload, worstOf } from '../../../src/recorder/overload.ts';

const CALM: LoadSample = { busy: 0.2, lateMs: 1, fullReads: 0, elapsedMs: 250 };
const HOT: LoadSample = { busy: 0.98, lateMs: 5, fullReads: 40, elapsedMs: 250 };
const BUSY_ENOUGH: LoadSample = { ...HOT, fullReads: 0 };

const take = (overload: Overload, sample: LoadSample, times: number) =>
  Array.from({ length: times }, () => overload.take(sample)).at(-1);

describe('overload', () => {
  it('begins with bodies after three samples of backlog, and goes on to transactions, more and more of them', () => {
    const overload = new Overload();
    expect(take(overload, HOT, 2)).toEqual(NOTHING_SHED);
    expect(take(overload, HOT, 1)).toEqual({ level: 1, share: 0 });
    expect(take(overload, HOT, 3)).toEqual({ level: 2, share: 0.1 });
    expect(take(overload, HOT, 3)).toEqual({ level: 2, share: 0.25 });
    expect(take(overload, HOT, 100)).toEqual({ level: 2, share: 0.97 });
  });

  it('is not being busy without a queue, nor a queue without being busy', () => {
    const overload = new Overload();
    expect(take(overload, BUSY_ENOUGH, 50)).toEqual(NOTHING_SHED);
    expect(take(overload, { ...HOT, busy: 0.6 }, 50)).toEqual(NOTHING_SHED);
    expect(take(overload, { ...BUSY_ENOUGH, lateMs: 80 }, 3)).toEqual({ level: 1, share: 0 });
  });

  it('is not one long gap: garbage was collected, or the process stood still', () => {
    const overload = new Overload();
    take(overload, HOT, 2);
    expect(overload.take({ busy: 1, lateMs: 9000, fullReads: 9, elapsedMs: 9250 })).toEqual(NOTHING_SHED);
    expect(take(overload, CALM, 1)).toEqual(NOTHING_SHED);
    // A thread that is late by seconds every time is.
    expect(take(overload, { busy: 1, lateMs: 1900, fullReads: 9, elapsedMs: 2000 }, 4)).toEqual({ level: 1, share: 0 });
  });

  it('leaves by the same steps, slower', () => {
    const overload = new Overload();
    take(overload, HOT, 9);
    expect(take(overload, CALM, 3)).toEqual({ level: 2, share: 0.25 });
    expect(take(overload, CALM, 1)).toEqual({ level: 2, share: 0.1 });
    expect(take(overload, CALM, 8)).toEqual(NOTHING_SHED);
  });

  it('waits longer for a step down that did not hold the last time', () => {
    const overload = new Overload();
    const fits: LoadSample = { ...CALM, busy: 0.6 };
    take(overload, HOT, 6);
    // One step less is too much, again and again.
    const waited = Array.from({ length: 8 }, () => {
      let samples = 0;
      do samples += 1;
      while (overload.take(fits).level === 2);
      take(overload, HOT, 3);
      return samples;
    });
    expect(waited).toEqual([4, 8, 16, 32, 64, 128, 240, 240]);
  });

  const anySample = fc.record({
    busy: fc.double({ min: 0, max: 1, noNaN: true }),
    lateMs: fc.integer({ min: 0, max: 3000 }),
    fullReads: fc.integer({ min: 0, max: 3 }),
    elapsedMs: fc.integer({ min: 200, max: 3000 }),
  });

  it('is over ten seconds after there is next to nothing to do, whatever was before', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anySample, fc.constant(HOT)), { maxLength: 300 }), (samples) => {
        const overload = new Overload();
        for (const one of samples) overload.take(one);
        expect(take(overload, CALM, 40)).toEqual(NOTHING_SHED);
      }),
    );
  });

  it('finds the step at which a steady load fits, and tries another now and then', () => {
    const phase = fc.integer({ min: 1, max: 1000 });
    const demand = fc.double({ min: 0.1, max: 2, noNaN: true });
    // Of what a kept exchange costs, what one costs that is given up; of all, what bodies cost.
    const cost = fc.double({ min: 0.2, max: 0.6, noNaN: true });
    const bodies = fc.double({ min: 0, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(demand, cost, bodies, phase, (wanted, givenUp, ofBodies, shift) => {
        const overload = new Overload();
        let [moves, shed] = [0, NOTHING_SHED];
        for (let index = 0; index < 2640; index += 1) {
          const kept = (1 - shed.share) * (shed.level > 0 ? 1 - ofBodies : 1);
          const shaken = 1 + 0.05 * Math.sin(index * shift);
          const work = wanted * (kept + shed.share * givenUp) * shaken;
          const after = overload.take({ ...CALM, busy: Math.min(1, work), fullReads: work > 1 ? 9 : 0 });
          // A minute to find it, then ten.
          if (after !== shed && index >= 240) moves += 1;
          shed = after;
        }
        expect(moves).toBeLessThanOrEqual(80);
      }),
    );
  });

  it('never moves by more than a step, nor against what the last sample says', () => {
    const rank = ({ level, share }: { level: number; share: number }) => level + share;
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 300 }), fc.boolean(), (samples, isHot) => {
        const overload = new Overload();
        take(overload, isHot ? HOT : CALM, 12);
        for (const one of samples) {
          const before = rank(overload.shed);
          const after = rank(overload.take(one));
          expect(after <= before || one.busy >= 0.9).toBe(true);
          expect(after >= before || one.busy < 0.7).toBe(true);
          expect(Math.abs(after - before)).toBeLessThanOrEqual(1.1);
        }
      }),
    );
  });

  it('of several recorders is that of the worst', () => {
    expect(worstOf([])).toEqual(NOTHING_SHED);
    expect(worstOf([{ level: 1, share: 0 }, NOTHING_SHED])).toEqual({ level: 1, share: 0 });
    expect(
      worstOf([
        { level: 2, share: 0.1 },
        { level: 2, share: 0.5 },
        { level: 1, share: 0 },
      ]),
    ).toEqual({
      level: 2,
      share: 0.5,
    });
  });
});
