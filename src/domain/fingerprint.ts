import type { Fingerprint, LoopId } from './ids.ts';

/** What repeats of one failure have in common, for people. */
export interface FailureDescription {
  /** Where it began. */
  readonly service: string;
  readonly method: string;
  /** Path with what looks like an id folded to `*`. */
  readonly route: string;
  readonly kind: string;
  readonly summary: string;
}

/** What is known of a failure that repeats; all text in it is redacted. */
export interface FingerprintSummary extends FailureDescription {
  readonly fingerprint: Fingerprint;
  /** Unix ms. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly seen: number;
  /** How many of `seen` were counted without being looked at: their users are not counted, their versions are the last known. */
  readonly unread: number;
  /** And how many of these were attributed by guess, while several failures looked alike from outside. */
  readonly guessed: number;
  /** Loops there are of it. */
  readonly kept: number;
  readonly newest?: LoopId;
  /** Most seen first. */
  readonly versions: readonly VersionCount[];
  /** Distinct users among those that were looked at, of whom a user was known; `moreUsers`: that many and more. */
  readonly users: number;
  readonly moreUsers: boolean;
  /** By hour, oldest first, of the last days. */
  readonly hours: readonly { readonly at: number; readonly seen: number }[];
}

export interface VersionCount {
  /** `pricing@1.2.0` */
  readonly version: string;
  readonly seen: number;
}
