/** What the main thread tells the recorder of running captures, and what the recorder answers. Plain data: it crosses threads. */
import type { CaptureId, Selector, UserPlaces } from '../domain/capture.ts';

/** All captures that run: what is not in it has ended. */
export interface CaptureOrder {
  readonly kind: 'captures';
  readonly places: UserPlaces;
  readonly captures: readonly WatchedCapture[];
}

export interface WatchedCapture {
  readonly id: CaptureId;
  /** Unix ms. */
  readonly until: number;
  readonly select: Selector;
  /** Values of sessions that were seen with its user. */
  readonly sessions: readonly string[];
}

/** Walk the ring for a capture of the last order. `round` comes back in the answer. */
export interface WalkOrder {
  readonly kind: 'walk';
  readonly capture: CaptureId;
  readonly round: number;
}

export type CaptureReport = SessionsKnown | Walked;

/** Sessions that logins have shown for a capture's user, before anybody asked. */
export interface SessionsKnown {
  readonly kind: 'sessions';
  readonly capture: CaptureId;
  readonly sessions: readonly { readonly value: string; readonly at: number }[];
}

/** The ring was walked; the parts of what was found went out before. */
export interface Walked {
  readonly kind: 'walked';
  readonly capture: CaptureId;
  readonly round: number;
  /** Arrival of the oldest record there was, Unix ms; undefined when the ring was empty. */
  readonly oldestAt: number | undefined;
  readonly found: number;
}
