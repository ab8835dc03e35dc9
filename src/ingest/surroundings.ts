import type { Clock } from '../domain/clock.ts';
import type { IngestCounters } from './counters.ts';
import type { Inbox } from './inbox.ts';

/** What a transport needs beside the calls it carries. */
export interface TransportSurroundings {
  readonly counters: IngestCounters;
  readonly clock: Clock;
  /** Calls `run` once, about `ms` milliseconds from now; what it returns cancels that. */
  readonly schedule: (ms: number, run: () => void) => () => void;
  /** Absent: the thread takes what comes as it comes. */
  readonly pace?: Pace;
  /** Where chunks wait for others. Absent: each is read as it comes. */
  readonly inbox?: Inbox;
}

/** Told what a turn of the event loop did, so that the thread may sleep a little before the next one (pacing.ts). */
export interface Pace {
  /** Another number in each turn of the event loop that reads. */
  readonly turn: number;
  /** A socket gave so many bytes. `full`: as many as fit a read, so there may be more behind them. */
  read(bytes: number, full: boolean): void;
  /** Somebody waits for answers of this thread, and may for so many milliseconds: by default a second, for a call of processing mode. */
  awaited(forMs?: number): void;
  /** Somebody waits for this thread until what is returned is called. */
  hold(): () => void;
}
