/** How late an ingest thread runs: what a sidecar would wait for it, if it waited. Sleep on purpose (pacing.ts) is no lateness. */
import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Slept } from './pacing.ts';

export interface LatenessMs {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Since the thread began, all the time in which it ran more than STALL_MS late. */
  readonly stalled: number;
}

export interface LatenessSources {
  /** Milliseconds of a clock that goes on. */
  readonly now: () => number;
  /** The last one, by the same clock. */
  readonly slept: () => Slept;
}

/** To be looked at so often. */
export const LATENESS_EVERY_MS = 50;
/** Who waits for longer than this, waits for too long. */
const STALL_MS = 50;
const MICROS = 1000;

/**
 * A timer that is due every 50 ms notes how late it comes, to the millisecond that timers are set by. One that comes very late is noted as those
 * that would have come meanwhile, too: shares are of time, and a stop of a second is not one sample among twenty.
 */
export class Lateness {
  readonly #sources: LatenessSources;
  readonly #histogram: RecordableHistogram = createHistogram();
  #due: number;
  #stalled = 0;

  constructor(sources: LatenessSources) {
    this.#sources = sources;
    this.#due = sources.now() + LATENESS_EVERY_MS;
  }

  /** The timer has come. */
  look(): void {
    const now = this.#sources.now();
    const late = now - this.#due - this.#sleptSince(this.#due, now);
    for (let one = late; one === late || one > 0; one -= LATENESS_EVERY_MS) {
      this.#histogram.record(Math.max(1, Math.round(one * MICROS)));
      if (one > STALL_MS) this.#stalled += LATENESS_EVERY_MS;
    }
    this.#due = now + LATENESS_EVERY_MS;
  }

  /** Since the last time asked. Nothing was late of which nothing is known yet. */
  take(): LatenessMs {
    const histogram = this.#histogram;
    const stalled = this.#stalled;
    if (histogram.count === 0) return { p50: 0, p99: 0, max: 0, stalled };
    const ms = (micros: number): number => (micros <= 1 ? 0 : micros / MICROS);
    const taken = {
      p50: ms(histogram.percentile(50)),
      p99: ms(histogram.percentile(99)),
      max: ms(histogram.max),
      stalled,
    };
    histogram.reset();
    return taken;
  }

  /** A turn of the event loop looks at its timers and sleeps once at most: one sleep can lie between a timer's time and its coming. */
  #sleptSince(due: number, now: number): number {
    const { from, until } = this.#sources.slept();
    return Math.max(0, Math.min(until, now) - Math.max(from, due));
  }
}
