/** What crosses between the main thread and the ingest thread. Parts are transferred, everything else is small. */
import type { MessagePort } from 'node:worker_threads';
import type { RecorderId, TransactionKey } from '../domain/ids.ts';
import type { BrakedCount, BrakeOrder } from '../recorder/brake.ts';
import type { CaptureOrder, CaptureReport, WalkOrder } from '../recorder/capture-order.ts';
import type { ElsewhereOrder } from '../recorder/elsewhere-order.ts';
import type { Inspection, InspectionAnswer } from '../recorder/inspection.ts';
import type { RecorderLimits } from '../recorder/options.ts';
import type { LoadSample, Shed } from '../recorder/overload.ts';
import type { RecordedPart } from '../recorder/part.ts';
import type { RecorderStats } from '../recorder/stats.ts';
import type { Rule } from '../verdict/rules/rule.ts';
import type { IngestCounters } from './counters.ts';
import type { IngestErrorCode } from './error.ts';
import type { LatenessMs } from './lateness.ts';
import type { ListenAddress, TransportLimits } from './transport.ts';
import type { TransportKind } from './transports.ts';

/** Plain data: each thread compiles them for itself. */
export interface WrittenRules {
  readonly version: number;
  readonly rules: readonly Rule[];
}

export interface IngestConfig {
  /** All of them are served; port 0 lets the system choose. */
  readonly listen: readonly ListenAddress[];
  /** `http2` unless said otherwise. */
  readonly transport?: TransportKind;
  /** Longest time the thread sleeps to find more at once (pacing.ts), ms. 24 unless said otherwise, and at most 4 while order tells something; 0: never, and nothing waits in the inbox. */
  readonly pacingMs?: number;
  /** At the end, so long is waited for open exchanges to end by themselves, ms. 0 unless said otherwise. */
  readonly drainMs?: number;
  readonly limits?: Partial<TransportLimits>;
  readonly recorder?: Partial<RecorderLimits>;
  /** To the history behind the ring; it is handed over. */
  readonly history?: MessagePort;
  readonly rules?: WrittenRules;
  /** The same in all workers (RecorderOptions). */
  readonly shedSeed?: number;
  /** False: nothing is given up, whatever that costs live traffic. */
  readonly shedding?: boolean;
  /** Other recorders may have parts of the same transactions. */
  readonly beside?: boolean;
}

/** Counts since the thread began, and how late its event loop ran since the last report. */
export interface IngestStats {
  readonly counters: IngestCounters;
  readonly recorder: RecorderStats;
  /** A sidecar waits for as long as the loop does: seconds here are seconds of stalled traffic. What the thread slept on purpose is not in it. */
  readonly loopDelayMs: LatenessMs;
  /** Of its last quarter of a second. */
  readonly load: LoadSample;
  /** JavaScript heap of the ingest thread in use; the ring is not in it. */
  readonly heapBytes: number;
  /** Bytes of parts that the main thread has not taken, and transactions that age took something of meanwhile. */
  readonly handover?: { readonly bytes: number; readonly lost: number };
  /** Of a group of workers: instances that several of them hear. */
  readonly splitInstances?: number;
}

export type ToIngest =
  | { readonly kind: 'keep'; readonly transaction: TransactionKey }
  | BrakeOrder
  | ElsewhereOrder
  | CaptureOrder
  | WalkOrder
  /** What some worker has to give up, all give up. */
  | { readonly kind: 'shed'; readonly shed: Shed }
  | { readonly kind: 'rules'; readonly rules: WrittenRules }
  /** Another worker hears these instances (Instance.key) too. */
  | { readonly kind: 'split'; readonly instances: readonly string[] }
  | { readonly kind: 'inspected'; readonly answer: InspectionAnswer }
  /** A part has come: `bytes` (partBytes) do not wait on the way any more. */
  | { readonly kind: 'taken'; readonly bytes: number }
  | { readonly kind: 'stop' };

export type FromIngest =
  | { readonly kind: 'listening'; readonly recorder: RecorderId; readonly addresses: readonly ListenAddress[] }
  /** It cannot listen and ends. */
  | {
      readonly kind: 'refused';
      readonly code: IngestErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
    }
  | { readonly kind: 'part'; readonly part: RecordedPart }
  | { readonly kind: 'captures'; readonly report: CaptureReport }
  /** For the other recorders. */
  | { readonly kind: 'ambiguous'; readonly ids: readonly TransactionKey[] }
  /** To be answered with `inspected`. */
  | { readonly kind: 'inspection'; readonly inspection: Inspection }
  | { readonly kind: 'stats'; readonly stats: IngestStats }
  /** What this worker has to give up from now on, by what it can do itself. */
  | { readonly kind: 'overload'; readonly shed: Shed }
  /** Before the numbers they are part of. */
  | { readonly kind: 'braked'; readonly counts: readonly BrakedCount[] }
  /** The answer to `stop`: nothing follows. */
  | { readonly kind: 'stopped' };
