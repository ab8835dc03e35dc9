/** Timers come in from outside, so that a stream of minutes is tested in none. */
export interface Timers {
  /** Runs it once; the answer takes that back. */
  after(ms: number, run: () => void): () => void;
}

/** What a timer of Node can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** Those of this process; they do not keep it alive. */
export const processTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
