/**
 * Time as a replay has it. It stands still while a debugger holds the service: no deadline passes and no gap of a stream ends because a
 * person looks around.
 */
import type { Clock } from '../../src/domain/clock.ts';

/** What a timer of Node can wait, ms. */
const LONGEST_MS = 2 ** 31 - 1;

interface Waiting {
  /** Of `now()`. */
  readonly at: number;
  readonly run: () => void;
}

/** A debugger that runs inside the service needs its clock to go on: with it, its own waits would stand still. */
export type ServiceClockMeanwhile = 'stands' | 'goes-on';

/** Its `now()` is the present time, less all pauses so far. */
export class StageTime implements Clock {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  readonly #holders = new Map<string, ServiceClockMeanwhile>();
  readonly #watching = new Set<(still: boolean) => void>();
  #timer: NodeJS.Timeout | undefined;
  /** When the present pause began, and ms of those before it. */
  #since = 0;
  #paused = 0;
  /** As last told. */
  #still = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return (this.#holders.size > 0 ? this.#since : this.#clock.now()) - this.#paused;
  }

  /** Ms that it has stood still. */
  paused(): number {
    return this.#paused + (this.#holders.size > 0 ? this.#clock.now() - this.#since : 0);
  }

  /** Runs it once, after so many ms of this time; the answer takes that back. It does not keep the process alive. */
  after(ms: number, run: () => void): () => void {
    const one: Waiting = { at: this.now() + ms, run };
    this.#waiting.add(one);
    this.#arm();
    return () => {
      this.#waiting.delete(one);
      this.#arm();
    };
  }

  /** Fires after so many ms of this time. */
  deadline(ms: number): AbortSignal {
    const controller = new AbortController();
    this.after(ms, () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')));
    return controller.signal;
  }

  /** Told whenever the service's clock is to stop, and when it goes on; the answer ends that. */
  watch(told: (still: boolean) => void): () => void {
    this.#watching.add(told);
    return () => void this.#watching.delete(told);
  }

  /** `holder`: whose pause it is; several may hold the service at once, and each lets go for itself. */
  pause(holder: string, meanwhile: ServiceClockMeanwhile = 'stands'): void {
    if (this.#holders.size === 0) this.#since = this.#clock.now();
    this.#holders.set(holder, meanwhile);
    this.#arm();
    this.#tell();
  }

  resume(holder: string): void {
    if (!this.#holders.delete(holder)) return;
    if (this.#holders.size === 0) this.#paused += this.#clock.now() - this.#since;
    this.#arm();
    this.#tell();
  }

  #tell(): void {
    const still = [...this.#holders.values()].includes('stands');
    if (still === this.#still) return;
    this.#still = still;
    for (const told of this.#watching) told(still);
  }

  /** One timer, for whatever comes first. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#holders.size > 0 || this.#waiting.size === 0) return;
    const first = Math.min(...[...this.#waiting].map(({ at }) => at));
    const wait = Math.min(Math.max(0, first - this.now()), LONGEST_MS);
    this.#timer = setTimeout(() => this.#ring(), wait);
    this.#timer.unref();
  }

  #ring(): void {
    const now = this.now();
    // A timer of Node may be a fraction of a millisecond early.
    const due = [...this.#waiting].filter(({ at }) => at <= now + 1).toSorted((one, other) => one.at - other.at);
    for (const one of due) {
      if (this.#waiting.delete(one)) one.run();
    }
    this.#arm();
  }
}
