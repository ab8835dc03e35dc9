import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ServiceClockOptions } from '../../../replay-sandbox/time/service-clock.ts';
import { openServiceClock, withinClock } from '../../../replay-sandbox/time/service-clock.ts';
import { StageTime } from '../../../replay-sandbox/time/stage-time.ts';

const RECORDED = Date.UTC(2026, 0, 2);
const MS = 1_000_000n;

function opened(more: Partial<ServiceClockOptions> = {}) {
  let now = 1000n * MS;
  const clock = openServiceClock({
    mode: 'shift',
    recordedAt: RECORDED,
    library: '/lib/clock.so',
    monotonic: () => now,
    ...more,
  });
  onTestFinished(() => clock.close());
  return { clock, pass: (ms: number) => void (now += BigInt(ms) * MS), state: () => stateIn(clock.binds) };
}

function stateIn(binds: ReadonlyMap<string, string>) {
  const [path = ''] = binds.values();
  const bytes = readFileSync(path);
  const field = (index: number) => bytes.readBigInt64LE((bytes[0] ?? 0) * 64 + index * 8) / (index === 0 ? 1n : MS);
  return { kind: field(0), wall: field(1), since: field(2), paused: field(4), pauseBegan: field(5) };
}

const [SHIFTED, FROZEN, RUN_UP] = [1n, 2n, 3n];

it('goes up to the recorded time, and on from there once the trigger comes', () => {
  const { clock, pass, state } = opened();
  const wall = BigInt(RECORDED);
  expect(state()).toEqual({ kind: RUN_UP, wall, since: 1000n, paused: 0n, pauseBegan: 0n });
  pass(700);
  clock.arrive();
  expect(state()).toEqual({ kind: SHIFTED, wall, since: 1700n, paused: 0n, pauseBegan: 0n });
  pass(700);
  clock.arrive();
  expect(state()).toMatchObject({ since: 1700n });
});

it('takes pauses out of what goes on', () => {
  const { clock, pass, state } = opened();
  clock.hold(true);
  pass(5000);
  clock.hold(true);
  expect(state()).toMatchObject({ paused: 0n, pauseBegan: 1000n });
  clock.hold(false);
  clock.hold(false);
  expect(state()).toMatchObject({ paused: 5000n, pauseBegan: 0n });
  pass(100);
  clock.arrive();
  expect(state()).toMatchObject({ since: 1100n });
});

it('the trigger may come while it is held', () => {
  const { clock, pass, state } = opened();
  pass(10);
  clock.hold(true);
  pass(5000);
  clock.arrive();
  expect(state()).toMatchObject({ kind: SHIFTED, since: 1010n, pauseBegan: 1010n });
});

it('follows the time of the stage, whoever holds it', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { clock, pass, state } = opened();
  const time = new StageTime({ now: () => Date.now() });
  time.watch((still) => clock.hold(still));
  time.pause('python', 'goes-on');
  expect(state()).toMatchObject({ pauseBegan: 0n });
  time.pause('person');
  pass(60_000);
  time.resume('python');
  expect(state()).toMatchObject({ pauseBegan: 1000n });
  time.resume('person');
  expect(state()).toMatchObject({ paused: 60_000n, pauseBegan: 0n });
});

it('frozen it stands at the recorded time', () => {
  const { clock, state } = opened({ mode: 'freeze' });
  clock.arrive();
  expect(state()).toMatchObject({ kind: FROZEN, wall: BigInt(RECORDED) });
});

it('real: nothing is touched', () => {
  const { clock } = opened({ mode: 'real' });
  expect([clock.part, clock.binds.size]).toEqual([{}, 0]);
});

it.each([-1, 0, 1e300, NaN, -Infinity, Infinity])(
  'a recorded time of %d is brought into what can be shown',
  (recordedAt) => {
    const { state } = opened({ recordedAt });
    expect(state().wall).toBe(BigInt(withinClock(recordedAt)));
  },
);
