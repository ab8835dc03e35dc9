/** What crosses between the main thread and the ingest thread. Parts are transferred, everything else is small. */
import type { TransactionKey } from '../domain/ids.ts';
import type { BrakedCount, BrakeOrder } from '../recorder/brake.ts';
import type { RecorderLimits } from '../recorder/options.ts';
import type { RecordedPart } from '../recorder/part.ts';
import type { RecorderStats } from '../recorder/stats.ts';
import type { IngestCounters } from './counters.ts';
import type { IngestErrorCode } from './error.ts';
import type { ListenAddress, TransportLimits } from './transport.ts';

export interface IngestConfig {
  /** All of them are served; port 0 lets the system choose. */
  readonly listen: readonly ListenAddress[];
  readonly limits?: Partial<TransportLimits>;
  readonly recorder?: Partial<RecorderLimits>;
}

/** Counts since the thread began, and how late its event loop ran since the last report. */
export interface IngestStats {
  readonly counters: IngestCounters;
  readonly recorder: RecorderStats;
  /** A sidecar waits for as long as the loop does: seconds here are seconds of stalled traffic. Milliseconds. */
  readonly loopDelayMs: { readonly mean: number; readonly p99: number; readonly max: number };
  /** JavaScript heap of the ingest thread in use; the ring is not in it. */
  readonly heapBytes: number;
}

export type ToIngest =
  | { readonly kind: 'keep'; readonly transaction: TransactionKey }
  | BrakeOrder
  | { readonly kind: 'stop' };

export type FromIngest =
  | { readonly kind: 'listening'; readonly addresses: readonly ListenAddress[] }
  /** It cannot listen and ends. */
  | {
      readonly kind: 'refused';
      readonly code: IngestErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
    }
  | { readonly kind: 'part'; readonly part: RecordedPart }
  | { readonly kind: 'stats'; readonly stats: IngestStats }
  /** Before the numbers they are part of. */
  | { readonly kind: 'braked'; readonly counts: readonly BrakedCount[] }
  /** The answer to `stop`: nothing follows. */
  | { readonly kind: 'stopped' };
