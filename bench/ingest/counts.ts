import type { IngestCounters } from '../../src/ingest/counters.ts';
import type { RecorderStats } from '../../src/recorder/stats.ts';

/** What a sink says it has taken since it began. */
export interface SinkCounts {
  readonly calls: number;
  readonly messages: number;
  /** Of messages, without framing. */
  readonly bytes: number;
  readonly faults: number;
  /** Each was one transaction of the index at some time: good and gone, kept, or there now. */
  readonly transactions: number;
  readonly shedSegments: number;
  /** Received less all fates: not 0 means that some record is accounted for twice or not at all. */
  readonly unaccounted: number;
  readonly openTransactions: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

interface Told {
  readonly counters: IngestCounters;
  readonly recorder: RecorderStats;
  readonly heapBytes: number;
}

export function countsOf({ counters, recorder, heapBytes }: Told): SinkCounts {
  const { received, kept, tossed, history, overwritten, shed, inFlight } = recorder.fates;
  const fates = [kept, tossed, history, overwritten, shed, inFlight];
  return {
    calls: counters.callsOpened,
    messages: counters.messages,
    bytes: counters.bytes,
    faults: counters.faults,
    transactions: recorder.tossedTransactions + recorder.keptTransactions,
    shedSegments: shed.segments,
    unaccounted: received.segments - fates.reduce((sum, { segments }) => sum + segments, 0),
    openTransactions: recorder.transactions,
    residentBytes: process.memoryUsage.rss(),
    heapBytes,
  };
}
