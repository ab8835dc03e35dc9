import type { Fingerprint, LoopId, StreamId, TransactionKey } from './ids.ts';

/**
 * Why a transaction is stored. `failure` and `capture` are loops; `exemplar` and `ambient` serve them. A captured transaction that failed is
 * a `failure`; which captures want a loop is told elsewhere.
 */
export type RecordingPurpose = 'failure' | 'capture' | 'exemplar' | 'ambient';

/** What lists show: everything in it is readable without opening the seal, so everything in it is redacted. Times are Unix ms. */
export interface LoopSummary {
  readonly id: LoopId;
  readonly purpose: RecordingPurpose;
  readonly transaction: TransactionKey;
  readonly startedAt: number;
  readonly durationMs: number;
  /** The entry exchange. */
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly outcome: 'good' | 'failed' | 'swallowed';
  readonly origin?: OriginSummary;
  readonly fingerprint?: Fingerprint;
  readonly services: readonly string[];
  /** What of them ran, where sidecars tell: `pricing@1.2.0`. Absent in what was kept before it was noted. */
  readonly versions?: readonly string[];
  readonly exchanges: number;
  readonly commands: number;
  /** Bytes of raw segments. */
  readonly bytes: number;
  /** Sentences naming what is missing; empty when the recording is whole. */
  readonly holes: readonly string[];
}

export interface OriginSummary {
  readonly service: string;
  readonly exchange: StreamId;
  readonly kind: string;
  readonly summary: string;
  /** Set when it lies behind a placement by what flows: the least probability on the way to it, 0.5..1. */
  readonly certainty?: number;
}
