/** How much an ingest thread has to do, seen from within: for the state machine that decides what is given up (recorder/overload.ts). */
import type { LoadSample } from '../recorder/overload.ts';
import type { Pace } from './surroundings.ts';

export interface LoadSources {
  /** Milliseconds of a clock that goes on. */
  readonly now: () => number;
  /** Milliseconds since the thread began that its event loop worked, sleep on purpose included: performance.eventLoopUtilization().active */
  readonly active: () => number;
  /** Milliseconds since the thread began that it slept on purpose (pacing.ts). */
  readonly slept: () => number;
}

/** To be sampled so often; what the timer is late by is the lateness. */
export const LOAD_EVERY_MS = 250;

/** Stands in front of the pace and counts reads that were full. */
export class LoadProbe implements Pace {
  readonly #pace: Pace;
  readonly #sources: LoadSources;
  #fullReads = 0;
  #before: { readonly at: number; readonly active: number; readonly slept: number };

  constructor(pace: Pace, sources: LoadSources) {
    this.#pace = pace;
    this.#sources = sources;
    this.#before = this.#look();
  }

  get turn(): number {
    return this.#pace.turn;
  }

  read(bytes: number, full: boolean): void {
    if (full) this.#fullReads += 1;
    this.#pace.read(bytes, full);
  }

  awaited(forMs?: number): void {
    this.#pace.awaited(forMs);
  }

  hold(): () => void {
    return this.#pace.hold();
  }

  /** Since the last time asked. */
  sample(): LoadSample {
    const before = this.#before;
    const now = this.#look();
    this.#before = now;
    const elapsedMs = Math.max(now.at - before.at, 1);
    const slept = now.slept - before.slept;
    const fullReads = this.#fullReads;
    this.#fullReads = 0;
    return {
      busy: Math.min(1, Math.max(0, now.active - before.active - slept) / elapsedMs),
      lateMs: Math.max(0, elapsedMs - LOAD_EVERY_MS - slept),
      fullReads,
      elapsedMs,
    };
  }

  #look(): { readonly at: number; readonly active: number; readonly slept: number } {
    const { now, active, slept } = this.#sources;
    return { at: now(), active: active(), slept: slept() };
  }
}
