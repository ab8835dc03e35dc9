import type { Fingerprint, LoopId } from '../src/domain/ids.ts';

/**
 * What is counted of failures, kept or not, by fingerprint. Text in it is redacted before it comes here; users are digests.
 * Rejects with StorageError as LoopStore does.
 */
export interface FingerprintStore {
  /** Adds to what is counted, all of it or nothing (one transaction, one fsync). */
  countFailures(counts: readonly FailureCount[]): Promise<void>;
  /** Last seen first. */
  fingerprints(query: FingerprintQuery): Promise<readonly FingerprintSummary[]>;
  /** Loops that the hour beginning at `hour` (Unix ms) has kept, by fingerprint: what the keep budget has spent of it. */
  keptInHour(hour: number): Promise<ReadonlyMap<Fingerprint, number>>;
  /** Forgets what was last seen before `before` (Unix ms); resolves with how many. */
  expireFingerprints(before: number): Promise<number>;
}

/** What one batch adds to one fingerprint. */
export interface FailureCount {
  readonly fingerprint: Fingerprint;
  /** Unix ms of the first and last one in the batch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** By the hour of their begin, Unix ms. Negative where a late part gave a loop another fingerprint. */
  readonly hours: readonly HourCount[];
  /** Of those, the ones counted without being looked at; and of these, the ones that may as well have been another failure. */
  readonly unread: number;
  readonly guessed: number;
  /** `pricing@1.2.0` → how many. */
  readonly versions: Readonly<Record<string, number>>;
  /** Digests, 16 bytes in hex. */
  readonly users: readonly string[];
  /** As the newest one has it; undefined leaves what is known. */
  readonly what?: FailureDescription;
}

export interface HourCount {
  readonly hour: number;
  readonly seen: number;
  readonly kept: number;
}

/** What repeats have in common, for people. */
export interface FailureDescription {
  /** Where it began. */
  readonly service: string;
  readonly method: string;
  /** Path with what looks like an id folded to `*`. */
  readonly route: string;
  readonly kind: string;
  readonly summary: string;
}

export interface FingerprintQuery {
  readonly limit: number;
  /** Only these. */
  readonly among?: readonly Fingerprint[] | undefined;
  /** Only failures that began at this service. */
  readonly service?: string | undefined;
  /** Only what was seen at or after this Unix ms. */
  readonly since?: number | undefined;
}

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
