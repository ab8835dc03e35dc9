import { expect, test } from 'vitest';
import { Pacing, threadPacing } from '../../../src/ingest/pacing.ts';

/** A thread whose clock only sleeps and `passes` move. */
function thread(ceilingMs = 4) {
  let now = 1000;
  let turn: (() => void) | undefined;
  const naps: number[] = [];
  const counted = { sleeps: 0, ms: 0 };
  const pacing = new Pacing({
    ceilingMs: () => ceilingMs,
    counted,
    now: () => now,
    afterReads: (run) => (turn = run),
    sleep: (ms) => {
      naps.push(ms);
      now += ms;
    },
  });
  return {
    pacing,
    counted,
    passes: (ms: number) => (now += ms),
    /** One turn of the event loop that reads these chunks; what it slept after them. */
    turns: (...reads: readonly number[]): number => {
      for (const bytes of reads) pacing.read(bytes, bytes === 65_536);
      const run = turn;
      turn = undefined;
      const before = naps.length;
      run?.();
      return naps.slice(before).reduce((sum, ms) => sum + ms, 0);
    },
  };
}

test('sleeps once a turn, and only after a turn that read', () => {
  const { turns, counted, passes } = thread();
  expect(turns()).toBe(0);
  passes(1);
  expect(turns(200, 300)).toBe(4);
  passes(1);
  expect(turns()).toBe(0);
  expect(counted).toEqual({ sleeps: 1, ms: 4 });
});

const BETWEEN_MS = 0.2;

/** Traffic of so many bytes a millisecond, for a while; what is slept in the end. */
function flow({ turns, passes }: ReturnType<typeof thread>, rate: number): number {
  let slept = 0;
  for (let turn = 0; turn < 200; turn++) {
    passes(BETWEEN_MS);
    slept = turns(Math.round(rate * (BETWEEN_MS + slept)));
  }
  return slept;
}

test('the more there is, the shorter: what gathers stays below a full read', () => {
  expect(flow(thread(), 100)).toBe(4);
  expect(flow(thread(), 10_000)).toBe(4);
  const slept = flow(thread(), 48_000);
  expect(slept).toBeGreaterThan(1);
  expect(slept).toBeLessThan(1.4);
  expect(flow(thread(), 500_000)).toBe(0);
});

test('after a flood it sleeps soon as before', () => {
  const one = thread();
  expect(flow(one, 150_000)).toBeLessThan(0.5);
  expect(flow(one, 100)).toBe(4);
});

test.each([
  ['a full read, behind which there may be more', ({ turns }: ReturnType<typeof thread>) => turns(65_536)],
  ['a call of processing mode', ({ pacing, turns }) => (pacing.awaited(), turns(100))],
  ['somebody who waits', ({ pacing, turns }) => (pacing.hold(), turns(100))],
] as const satisfies readonly (readonly [string, (on: ReturnType<typeof thread>) => number])[])(
  'never after %s',
  (_, act) => {
    expect(act(thread())).toBe(0);
  },
);

test('sleeps again when nobody has waited for a second, and when who waited has got it', () => {
  const { pacing, turns, passes } = thread();
  pacing.awaited();
  passes(999);
  expect(turns(100)).toBe(0);
  passes(1);
  expect(turns(100)).toBe(4);
  const release = pacing.hold();
  expect(turns(100)).toBe(0);
  release();
  release();
  pacing.hold();
  expect(turns(100)).toBe(0);
});

test('with a ceiling of 0 never', () => {
  expect(thread(0).turns(100)).toBe(0);
});

test('on a thread: reads of one turn are slept after once, and what it slept is counted', async () => {
  const counted = { sleeps: 0, ms: 0 };
  const pacing = threadPacing(
    () => 3,
    () => performance.now(),
    counted,
  );
  pacing.read(100, false);
  pacing.read(100, false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(counted.sleeps).toBe(1);
  expect(counted.ms).toBeGreaterThanOrEqual(2.9);
});
