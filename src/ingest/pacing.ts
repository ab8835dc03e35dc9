/**
 * Sleeping on purpose. While nobody waits for the sink, it costs least when it reads rarely and much at once: most of the price of 5,000
 * exchanges a second is waking up for each of their pieces. After a turn of the event loop that read a little, the thread stands still for a few
 * milliseconds, and finds dozens of messages in the next read. docs/decisions/0009-pacing.md has the figures.
 */
import type { Paced } from './counters.ts';
import type { Pace } from './surroundings.ts';

export interface PacingOptions {
  /** Longest sleep now, milliseconds; 0: none. Timers and messages of other threads are late by as much. */
  readonly ceilingMs: () => number;
  /** Milliseconds of a clock that goes on. */
  readonly now: () => number;
  /** Calls `run` once this turn of the event loop has read what there was: setImmediate. */
  readonly afterReads: (run: () => void) => void;
  /** Stops the thread. Milliseconds. */
  readonly sleep: (ms: number) => void;
  readonly counted: Paced;
}

export interface Slept {
  readonly from: number;
  readonly until: number;
}

/** What a sleep may let gather on the busiest socket: less than its buffer holds, so that no sidecar finds it full, and a full read. */
const GATHER_BYTES = 60 * 1024;
/** Who read so much of all sockets in a turn goes on at once. */
const MUCH_BYTES = 256 * 1024;
/** Longest sleep where nobody says otherwise: what came meanwhile bears the time at which it was read. Milliseconds. */
export const CEILING_MS = 24;
/** And while something is told by the order in which it comes: what one Envoy sends over two connections may change places within a sleep. */
export const ORDERED_CEILING_MS = 4;
/** Shorter ones cost more than they gain. Milliseconds. */
const SHORTEST_MS = 0.25;
/** Traffic is what it was in so many milliseconds. */
const MEMORY_MS = 20;
/** After a call of processing mode was heard. Milliseconds. */
const AWAKE_MS = 1000;

export class Pacing implements Pace {
  readonly #options: PacingOptions;
  readonly #turn = (): void => this.#afterReads();
  #armed = false;
  #turns = 0;
  #bytes = 0;
  #largest = 0;
  #full = false;
  #holders = 0;
  #awakeUntil = -Infinity;
  #slept: Slept = { from: -Infinity, until: -Infinity };
  /** Bytes a millisecond, of the busiest socket. */
  #rate = 0;
  #measuredAt: number;

  constructor(options: PacingOptions) {
    this.#options = options;
    this.#measuredAt = options.now();
  }

  /** The last sleep, by `now`. */
  get slept(): Slept {
    return this.#slept;
  }

  get turn(): number {
    return this.#turns;
  }

  read(bytes: number, full: boolean): void {
    this.#bytes += bytes;
    if (bytes > this.#largest) this.#largest = bytes;
    this.#full ||= full;
    if (this.#armed) return;
    this.#armed = true;
    this.#options.afterReads(this.#turn);
  }

  awaited(forMs: number = AWAKE_MS): void {
    this.#awakeUntil = Math.max(this.#awakeUntil, this.#options.now() + forMs);
  }

  hold(): () => void {
    this.#holders += 1;
    let held = true;
    return () => {
      if (held) this.#holders -= 1;
      held = false;
    };
  }

  #afterReads(): void {
    const now = this.#options.now();
    const bytes = this.#bytes;
    const isFull = this.#full;
    this.#armed = false;
    this.#turns += 1;
    this.#bytes = 0;
    this.#full = false;
    this.#measure(this.#largest, now);
    this.#largest = 0;
    if (isFull || bytes >= MUCH_BYTES || this.#holders > 0 || now < this.#awakeUntil) return;
    const ms = Math.min(this.#options.ceilingMs(), GATHER_BYTES / this.#rate);
    if (ms < SHORTEST_MS) return;
    const { counted, sleep } = this.#options;
    sleep(ms);
    const until = this.#options.now();
    counted.sleeps += 1;
    counted.ms += until - now;
    this.#slept = { from: now, until };
  }

  #measure(bytes: number, now: number): void {
    const elapsed = Math.max(now - this.#measuredAt, SHORTEST_MS);
    this.#measuredAt = now;
    this.#rate += (bytes / elapsed - this.#rate) * Math.min(1, elapsed / MEMORY_MS);
  }
}

/** For a thread: setImmediate, and a wait that nobody ends early. */
export function threadPacing(ceilingMs: () => number, now: () => number, counted: Paced): Pacing {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return new Pacing({
    ceilingMs,
    counted,
    now,
    afterReads: (run) => setImmediate(run),
    sleep: (ms) => void Atomics.wait(cell, 0, 0, ms),
  });
}
