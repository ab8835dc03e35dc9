import type { CallCounters } from '../../ingest/counters.ts';
import type { MetricsPage } from './page.ts';
import type { Take } from './seen.ts';

export function ingestMetrics(page: MetricsPage): Take {
  const messages = page.formerGauge('loop_ingest_messages', 'ProcessingRequests received');
  const bytes = page.counter('loop_ingest_message_bytes', 'Of ProcessingRequests, without framing');
  const entries = page.formerGauge('loop_ingest_log_entries', 'Entries of access logs received');
  const opened = page.counter('loop_ingest_calls_opened', 'Capturing calls');
  const ended = page.formerGauge('loop_ingest_calls_ended', 'Capturing calls by how they ended', 'reason');
  const refused = page.formerGauge('loop_ingest_refused', 'What was refused, by reason', 'reason');
  const faults = page.formerGauge('loop_ingest_faults', 'Messages that are no ProcessingRequest');
  const connections = page.gauge('loop_ingest_connections', 'Open connections of sidecars, health checks included');
  const open = page.gauge('loop_ingest_calls_open', 'Calls of sidecars that are not over');
  const handed = page.gauge('loop_ingest_handover_bytes', 'Of recordings that the main thread has not taken yet');
  const late = page.counter(
    'loop_ingest_handover_lost',
    'Transactions to be kept that age took something of while the main thread was behind',
  );
  return ({ ingest }) => {
    if (ingest === undefined) return;
    const { counters, handover } = ingest;
    handed.set(handover?.bytes ?? 0);
    late.set(handover?.lost ?? 0);
    messages.set(counters.messages);
    bytes.set(counters.bytes);
    entries.set(counters.logs.entries);
    opened.set(counters.callsOpened);
    for (const [reason, count] of Object.entries(counters.callsEnded)) ended.set(count, { reason });
    for (const [reason, count] of Object.entries(counters.refused)) refused.set(count, { reason });
    faults.set(counters.faults);
    connections.set(counters.connectionsOpened - counters.connectionsClosed);
    open.set(openCalls(counters) + openCalls(counters.logs));
  };
}

/** Each worker by itself: one that is late is not to hide behind others. */
export function workerMetrics(page: MetricsPage): Take {
  const most = page.gauge(
    'loop_ingest_delay_seconds',
    'How late an ingest thread ran at most, in its last second; what it slept to gather messages is not in it',
  );
  const delay = page.gauge(
    'loop_ingest_delay_quantile_seconds',
    'How late each ingest thread ran in its last second; what it slept to gather messages is not in it',
    'worker',
    'quantile',
  );
  const stalled = page.counter(
    'loop_ingest_stalled_seconds',
    'Time in which an ingest thread ran more than 50 ms late; what it slept to gather messages is not in it',
    'worker',
  );
  const busy = page.gauge('loop_ingest_busy_ratio', 'Of its time, how much each ingest thread worked', 'worker');
  const history = page.gauge('loop_ingest_history_seconds', 'How far back the ring of each worker reaches', 'worker');
  const split = page.gauge(
    'loop_ingest_split_instances',
    'Instances that several workers hear, though each is to send to one',
  );
  return ({ ingest, workers }) => {
    split.set(ingest?.splitInstances ?? 0);
    if (ingest !== undefined) most.set(ingest.loopDelayMs.max / 1000);
    for (const [number, { loopDelayMs, recorder, load }] of workers.entries()) {
      const worker = String(number);
      delay.set(loopDelayMs.p50 / 1000, { worker, quantile: '0.5' });
      delay.set(loopDelayMs.p99 / 1000, { worker, quantile: '0.99' });
      delay.set(loopDelayMs.max / 1000, { worker, quantile: '1' });
      stalled.set(loopDelayMs.stalled / 1000, { worker });
      busy.set(load.busy, { worker });
      history.set(recorder.historySeconds, { worker });
    }
  };
}

function openCalls({ callsOpened, callsEnded }: CallCounters): number {
  return Object.values(callsEnded).reduce((open, ended) => open - ended, callsOpened);
}
