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

/** Samples in a row that say the same, before a step: three quarters of a second up, a second down where nothing speaks against it. */
const UP_AFTER = 3;
const DOWN_AFTER = 4;
/** A step down that did not hold so long was one too many: the next one is waited for twice as long, up to a minute. */
const HOLDS = 40;
const DOWN_AFTER_MOST = 240;
/** But a thread that has next to nothing to do tries it sooner: from the last step to the first in ten seconds. */
const DOWN_AFTER_CALM = 14;
const BUSY = 0.9;
const IDLE = 0.7;
const CALM = 0.35;
/** As late as this with all its time spent, there is a queue, also where nobody counts full reads. */
const LATE_MS = 50;
/** A sample that took so long is of a thread that stood still: collected garbage, or was stopped. It is no load, once. */
const GAP_MS = 1000;

/** Up and down by steps, up faster than down, and nothing in between two opinions. What was tried in vain is tried less often. */
export class Overload {
  #step = 0;
  #hot = 0;
  #cool = 0;
  #stoodStill = false;
  /** Samples to wait for before a step down. */
  #patience = DOWN_AFTER;
  #wentDown = false;
  #sinceMove = 0;

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
    this.#sinceMove += 1;
    this.#hot = isHot(sample) ? this.#hot + 1 : 0;
    this.#cool = sample.busy < IDLE ? this.#cool + 1 : 0;
    if (this.#sinceMove > DOWN_AFTER_MOST) this.#patience = DOWN_AFTER;
    if (this.#hot >= UP_AFTER) this.#up();
    else if (this.#cool >= this.#needed(sample)) this.#down();
    return this.shed;
  }

  #needed({ busy }: LoadSample): number {
    if (busy >= CALM) return this.#patience;
    return this.#wentDown ? DOWN_AFTER : Math.min(this.#patience, DOWN_AFTER_CALM);
  }

  #up(): void {
    if (this.#wentDown && this.#sinceMove <= HOLDS) this.#patience = Math.min(2 * this.#patience, DOWN_AFTER_MOST);
    this.#move(Math.min(this.#step + 1, STEPS.length - 1));
    this.#wentDown = false;
  }

  #down(): void {
    if (this.#step === 0) return;
    this.#move(this.#step - 1);
    this.#wentDown = true;
  }

  #move(to: number): void {
    this.#step = to;
    this.#hot = 0;
    this.#cool = 0;
    this.#sinceMove = 0;
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
