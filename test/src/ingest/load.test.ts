import { expect, it } from 'vitest';
import { LoadProbe } from '../../../src/ingest/load.ts';

const PACE = { turn: 0, read: () => undefined, awaited: () => undefined, hold: () => () => undefined };

it('tells work from sleep on purpose, and lateness from both', () => {
  const state = { now: 1000, active: 100, slept: 50 };
  const read: [number, boolean][] = [];
  const probe = new LoadProbe(
    { ...PACE, read: (bytes, full) => void read.push([bytes, full]) },
    { now: () => state.now, active: () => state.active, slept: () => state.slept },
  );
  // A quarter of a second, of which the loop was at work for 200 ms, 150 of them asleep.
  Object.assign(state, { now: 1250, active: 300, slept: 200 });
  probe.read(100, false);
  expect(probe.sample()).toEqual({ busy: 0.2, lateMs: 0, fullReads: 0, elapsedMs: 250 });
  // Never idle, and 50 ms late.
  Object.assign(state, { now: 1550, active: 600 });
  probe.read(65_536, true);
  probe.read(65_536, true);
  expect(probe.sample()).toEqual({ busy: 1, lateMs: 50, fullReads: 2, elapsedMs: 300 });
  expect(probe.sample().fullReads).toBe(0);
  expect(read).toEqual([
    [100, false],
    [65_536, true],
    [65_536, true],
  ]);
});
