import type { Clock } from '../domain/clock.ts';

/** The wall clock at process start plus the monotonic clock since: never goes back, resolution of microseconds. */
export function systemClock(): Clock {
  return { now: () => performance.timeOrigin + performance.now() };
}
