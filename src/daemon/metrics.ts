/** What loopd counts, as Prometheus reads it. Values are taken from the parts at each scrape; nothing is counted twice. */
import { Gauge, Registry } from 'prom-client';
import type { IngestStats } from '../ingest/client.ts';
import type { KeeperStats } from './keeper.ts';

export interface MetricSources {
  readonly ingest: () => IngestStats | undefined;
  readonly keeper: () => KeeperStats;
}

export function createMetrics(sources: MetricSources): () => Promise<string> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const segments = gauge('loop_recorder_segments', 'Segments by fate; received is their sum', ['fate']);
  const bytes = gauge('loop_recorder_bytes', 'Bytes of records by fate; received is their sum', ['fate']);
  const history = gauge('loop_recorder_history_seconds', 'How far back the flight recorder reaches');
  const transactions = gauge('loop_recorder_transactions', 'Settled transactions by verdict', ['verdict']);
  const messages = gauge('loop_ingest_messages', 'ProcessingRequests received');
  const calls = gauge('loop_ingest_calls_ended', 'Capturing calls by how they ended', ['reason']);
  const refused = gauge('loop_ingest_refused', 'What was refused, by reason', ['reason']);
  const faults = gauge('loop_ingest_faults', 'Messages that are no ProcessingRequest');
  const loops = gauge('loop_keeper_recordings', 'Recordings stored, counted only, or lost', ['fate']);
  const backlog = gauge('loop_keeper_backlog_bytes', 'Bytes of parts that wait to be stored');
  return async () => {
    const ingest = sources.ingest();
    if (ingest !== undefined) {
      for (const [fate, tally] of Object.entries(ingest.recorder.fates)) {
        segments.set({ fate }, tally.segments);
        bytes.set({ fate }, tally.bytes);
      }
      history.set(ingest.recorder.historySeconds);
      transactions.set({ verdict: 'kept' }, ingest.recorder.keptTransactions);
      transactions.set({ verdict: 'tossed' }, ingest.recorder.tossedTransactions);
      messages.set(ingest.counters.messages);
      faults.set(ingest.counters.faults);
      for (const [reason, count] of Object.entries(ingest.counters.callsEnded)) calls.set({ reason }, count);
      for (const [reason, count] of Object.entries(ingest.counters.refused)) refused.set({ reason }, count);
    }
    const keeper = sources.keeper();
    loops.set({ fate: 'kept' }, keeper.kept);
    loops.set({ fate: 'over-budget' }, keeper.overBudget);
    loops.set({ fate: 'lost' }, keeper.lost);
    backlog.set(keeper.backlogBytes);
    return registry.metrics();
  };
}
