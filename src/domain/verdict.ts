import type { Fingerprint, StreamId } from './ids.ts';

/** Why an exchange counts as failed. `timeout`: Envoy's own deadline. `reset`: the answer began and never ended. `unavailable`: no upstream answered. */
export type FailureKind = 'status' | 'timeout' | 'reset' | 'unavailable';

export interface Failure {
  readonly kind: FailureKind;
  /** One line for people, e.g. `500 Internal Server Error` or `503 UF (connection refused)`. */
  readonly summary: string;
}

/** An exchange that failed, and its part in the cascade. */
export interface FailedExchange extends Failure {
  readonly exchange: StreamId;
  /** `origin`: no failed child explains it. `victim`: passed a child's failure on. `swallowed`: failed, and its caller answered well. */
  readonly role: 'origin' | 'victim' | 'swallowed';
}

export interface Verdict {
  readonly decision: 'keep' | 'toss';
  readonly failures: readonly FailedExchange[];
  /** The hop where it began; undefined when tossed. */
  readonly origin?: FailedExchange;
  /** `failed`: the entry's caller saw it. `swallowed`: some hop recovered. */
  readonly outcome: 'good' | 'failed' | 'swallowed';
  readonly fingerprint?: Fingerprint | undefined;
}
