import type { FailureDescription, FingerprintSummary } from '../src/domain/fingerprint.ts';
import type { Fingerprint } from '../src/domain/ids.ts';

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

export interface FingerprintQuery {
  readonly limit: number;
  /** Only these. */
  readonly among?: readonly Fingerprint[] | undefined;
  /** Only failures that began at this service. */
  readonly service?: string | undefined;
  /** Only what was seen at or after this Unix ms. */
  readonly since?: number | undefined;
  /** Only failures that began at one of these services: by name, `*` for any characters. Undefined: all. */
  readonly within?: readonly string[] | undefined;
}
