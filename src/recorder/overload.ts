/**
 * When an ingest thread can no more, what it gives up: a state machine of samples. Draining goes on whatever happens, because Envoy stops
 * reading live traffic behind a sink that does not read.
 */

/** What the thread was like since the last sample, about a quarter of a second ago. */
export interface LoadSample {
  /** Of the time, how much the thread worked: 0 to 1. What it slept to gather messages is no work. */
  readonly busy: number;
  /** How late its timer ran at most, sleep left out. Milliseconds. */
  readonly lateMs: number;
  /** Reads that filled their buffer: more was waiting behind them. */
  readonly fullReads: number;
  readonly elapsedMs: number;
}

/** `level` 1: bodies of exchanges that begin. 2: also transactions, that `share` of them (0 to 1), whole. */
export interface Shed {
  readonly level: 0 | 1 | 2;
  readonly share: number;
}

export const NOTHING_SHED: Shed = { level: 0, share: 0 };

const STEPS: readonly Shed[] = [
  NOTHING_SHED,
  { level: 1, share: 0 },
  { level: 2, share: 0.1 },
  { level: 2, share: 0.25 },
  { level: 2, share: 0.5 },
  { level: 2, share: 0.75 },
  { level: 2, share: 0.9 },
  { level: 2, share: 0.97 },
];

/** Samples in a row that say the same, before a step: three quarters of a second up, five seconds down. */
const UP_AFTER = 3;
const DOWN_AFTER = 20;
const BUSY = 0.9;
const IDLE = 0.7;
/** As late as this with all its time spent, there is a queue, also where nobody counts full reads. */
const LATE_MS = 50;
/** A sample that took so long is of a thread that stood still: collected garbage, or was stopped. It is no load, once. */
const GAP_MS = 1000;

/** Up and down by steps, up faster than down, and nothing in between two opinions. */
export class Overload {
  #step = 0;
  #hot = 0;
  #cool = 0;
  #stoodStill = false;

  get shed(): Shed {
    return STEPS[this.#step] ?? NOTHING_SHED;
  }

  take(sample: LoadSample): Shed {
    const gap = sample.elapsedMs > GAP_MS;
    if (gap && !this.#stoodStill) {
      this.#stoodStill = true;
      return this.shed;
    }
    this.#stoodStill = gap;
    this.#hot = isHot(sample) ? this.#hot + 1 : 0;
    this.#cool = sample.busy < IDLE ? this.#cool + 1 : 0;
    if (this.#hot >= UP_AFTER) this.#move(1);
    else if (this.#cool >= DOWN_AFTER) this.#move(-1);
    return this.shed;
  }

  #move(by: 1 | -1): void {
    this.#step = Math.min(STEPS.length - 1, Math.max(0, this.#step + by));
    this.#hot = 0;
    this.#cool = 0;
  }
}

/** Of several recorders: all give up what the worst has to, so that what one has of a transaction the others have, too. */
export function worstOf(all: readonly Shed[]): Shed {
  return all.reduce((worst, one) => (isWorse(one, worst) ? one : worst), NOTHING_SHED);
}

function isWorse(one: Shed, other: Shed): boolean {
  return one.level > other.level || (one.level === other.level && one.share > other.share);
}

function isHot({ busy, lateMs, fullReads }: LoadSample): boolean {
  return busy >= BUSY && (fullReads > 0 || lateMs >= LATE_MS);
}
