import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StageTime } from '../../../replay-sandbox/time/stage-time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const stageTime = () => new StageTime({ now: () => Date.now() });

it('runs what waits, in order of time', () => {
  const time = stageTime();
  const ran: string[] = [];
  time.after(200, () => ran.push('second'));
  time.after(100, () => ran.push('first'));
  vi.advanceTimersByTime(150);
  expect(ran).toEqual(['first']);
  vi.advanceTimersByTime(50);
  expect(ran).toEqual(['first', 'second']);
});

it('stands still while somebody holds the service', () => {
  const time = stageTime();
  const deadline = time.deadline(1000);
  const began = time.now();
  vi.advanceTimersByTime(400);
  time.pause('person');
  time.pause('breakpoint');
  vi.advanceTimersByTime(120_000);
  time.resume('person');
  vi.advanceTimersByTime(120_000);
  expect(time.now() - began).toBe(400);
  expect(time.paused()).toBe(240_000);
  time.resume('breakpoint');
  vi.advanceTimersByTime(599);
  expect(deadline.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(deadline.aborted).toBe(true);
  expect(deadline.reason).toMatchObject({ name: 'TimeoutError' });
});

it('a pause that nobody began ends nothing', () => {
  const time = stageTime();
  time.resume('nobody');
  vi.advanceTimersByTime(10);
  expect(time.paused()).toBe(0);
});

it('what was taken back does not run', () => {
  const time = stageTime();
  const run = vi.fn<() => void>();
  time.after(10, run)();
  vi.advanceTimersByTime(20);
  expect(run).not.toHaveBeenCalled();
});

it('tells nobody who no longer watches', () => {
  const time = stageTime();
  const told: string[] = [];
  const unwatch = time.watch((still) => told.push(`first ${still}`));
  time.watch((still) => told.push(`second ${still}`));
  time.pause('person');
  unwatch();
  unwatch();
  time.resume('person');
  expect(told).toEqual(['first true', 'second true', 'second false']);
});
