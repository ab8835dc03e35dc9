import type { CaptureEnd, CaptureId, CaptureNote } from '../src/domain/capture.ts';
import type { LoopId } from '../src/domain/ids.ts';
import type { LoopSummary } from '../src/domain/loop.ts';

/** Captures, and which loops they want. Whom a capture is of comes sealed. Rejects with StorageError as LoopStore does. */
export interface CaptureStore {
  /** Adds it, or replaces what is known of it. */
  putCapture(capture: StoredCapture): Promise<void>;
  /** Newest first. */
  captures(): Promise<readonly CountedCapture[]>;
  /** What it kept, by time. An id that is not there has kept nothing. */
  capturedLoops(id: CaptureId): Promise<readonly LoopSummary[]>;
  /** Captures that want this loop. */
  wantedBy(loop: LoopId): Promise<readonly CaptureId[]>;
  /** A capture does not want the loop any more. The loop stays. */
  unwant(capture: CaptureId, loop: LoopId): Promise<void>;
  /** Bytes that captures of this user (a digest) have stored since `since` (Unix ms), deleted captures included. */
  capturedBytes(user: string, since: number): Promise<number>;
  /** Forgets the capture. Resolves with the loops that no other reason keeps: they are still there. An id that is not there is no error. */
  deleteCapture(id: CaptureId): Promise<readonly LoopId[]>;
}

export interface StoredCapture {
  readonly id: CaptureId;
  /** Unix ms. */
  readonly startedAt: number;
  readonly until: number;
  readonly endedAt?: number;
  readonly endedBy?: CaptureEnd;
  /** Digest of whom it is of. */
  readonly user: string;
  /** Readable by anyone who can read the store. */
  readonly state: CaptureStateRecord;
  /** Selector, reason, who, sessions: sealed under the store key. */
  readonly sealed: Uint8Array;
}

export interface CaptureStateRecord {
  readonly maxBytes: number;
  readonly maxTransactions: number;
  readonly lookBack: boolean;
  readonly reachedBackTo?: number;
  readonly leftOut: number;
  /** When it was last known to be looked after, Unix ms. */
  readonly aliveAt: number;
  readonly notes: readonly CaptureNote[];
}

export interface CountedCapture extends StoredCapture {
  readonly transactions: number;
  readonly failed: number;
  readonly notWhole: number;
  readonly bytes: number;
}

/** A capture wants a loop that is being saved: `bytes` are what this save adds for it, charged to `user` on the day of `at` (Unix ms). */
export interface Wish {
  readonly capture: CaptureId;
  readonly user: string;
  readonly bytes: number;
  readonly at: number;
}
