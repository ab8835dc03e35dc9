import type { Fingerprint, StreamId } from './ids.ts';

/**
 * Why an exchange counts as failed. `timeout`: a deadline passed, Envoy's own or that of a gRPC client. `reset`: the answer began and never ended. `unavailable`: no upstream
 * answered. By a rule of one's own also `slow`, `content` (something in a body), `command` (an error of a
 * database) and `rule` (anything else that it asks for).
 */
export type FailureKind = 'status' | 'timeout' | 'reset' | 'unavailable' | 'slow' | 'content' | 'command' | 'rule';

export interface Failure {
  readonly kind: FailureKind;
  /** One line for people, e.g. `500 Internal Server Error`, `503 UF (connection refused)` or `200, by rule graphql-errors`. */
  readonly summary: string;
  /** Name of the rule in rules.yaml that says so; absent when it is a built-in one. */
  readonly rule?: string;
  /** It counts only when nobody above it recovered. */
  readonly unlessSwallowed?: true;
  /** The command of a database whose error the rule asked for. */
  readonly command?: FailedCommand;
}

export interface FailedCommand {
  /** As Command.id. */
  readonly id: string;
  readonly protocol: string;
  /** The protocol's own code: SQLSTATE, `WRONGTYPE`, … */
  readonly code: string;
  /** What it asked, without its values: the same for all that differ in these alone. */
  readonly shape: string;
}

/** An exchange that failed, and its part in the cascade. */
export interface FailedExchange extends Failure {
  readonly exchange: StreamId;
  /** `origin`: no failed child explains it. `victim`: passed a child's failure on. `swallowed`: failed, and its caller answered well. */
  readonly role: 'origin' | 'victim' | 'swallowed';
}

export interface Verdict {
  /** `toss` with failures: all of them count only unless swallowed, and were. */
  readonly decision: 'keep' | 'toss';
  readonly failures: readonly FailedExchange[];
  /** The hop where it began; undefined when nothing failed. */
  readonly origin?: FailedExchange;
  /** `failed`: the entry's caller saw it. `swallowed`: some hop recovered. */
  readonly outcome: 'good' | 'failed' | 'swallowed';
  readonly fingerprint?: Fingerprint | undefined;
}
