import { Histogram } from 'prom-client';
import type { Clock } from '../../domain/clock.ts';

/** A transaction has to be quiet for settleMs (1 s) before it is copied out. Seconds. */
const BUCKETS = [0.25, 0.5, 1, 1.25, 1.5, 2, 3, 5, 10, 30, 60, 300];

/** From the last thing a failed transaction said to its being listed. */
export class VerdictLag {
  readonly histogram = new Histogram({
    name: 'loop_verdict_lag_seconds',
    help: 'From the last message of a failed transaction to its being listed',
    buckets: BUCKETS,
    registers: [],
  });
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `endedAt`: Unix ms. */
  listed(endedAt: number): void {
    this.histogram.observe(Math.max(0, this.#clock.now() - endedAt) / 1000);
  }
}
