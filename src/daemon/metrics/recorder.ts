import type { MetricsPage } from './page.ts';
import type { Take } from './seen.ts';

export function recorderMetrics(page: MetricsPage): Take {
  // Gauges: a segment goes from one fate to another, and what was tossed may still be kept.
  const segments = page.gauge('loop_recorder_segments', 'Segments by fate; received is their sum', 'fate');
  const bytes = page.gauge('loop_recorder_bytes', 'Bytes of records by fate; received is their sum', 'fate');
  const received = page.counter('loop_recorder_received_bytes', 'Bytes of records, whatever became of them');
  const history = page.gauge('loop_recorder_history_seconds', 'How far back the flight recorder reaches');
  const transactions = page.gauge('loop_recorder_transactions', 'Settled transactions by verdict', 'verdict');
  const index = page.gauge('loop_recorder_index_bytes', 'Estimated heap of the index');
  const pinned = page.gauge('loop_recorder_pinned_bytes', 'Records held outside the ring for streams that outlive it');
  const indexed = page.gauge('loop_recorder_indexed', 'What the index knows now', 'kind');
  const forgotten = page.counter('loop_recorder_forgotten', 'Settled transactions the index gave up before age did');
  return ({ ingest }) => {
    if (ingest === undefined) return;
    const { recorder } = ingest;
    for (const [fate, tally] of Object.entries(recorder.fates)) {
      segments.set(tally.segments, { fate });
      bytes.set(tally.bytes, { fate });
    }
    received.set(recorder.fates.received.bytes);
    history.set(recorder.historySeconds);
    transactions.set(recorder.keptTransactions, { verdict: 'kept' });
    transactions.set(recorder.tossedTransactions, { verdict: 'tossed' });
    index.set(recorder.indexBytes);
    pinned.set(recorder.pinnedBytes);
    for (const kind of ['transactions', 'streams', 'instances'] as const) indexed.set(recorder[kind], { kind });
    forgotten.set(recorder.forgottenTransactions);
  };
}

export function rulesMetrics(page: MetricsPage): Take {
  const version = page.gauge('loop_rules_version', 'Grows with every change of rules.yaml; 0: built-in rules alone');
  const mistakes = page.gauge(
    'loop_rules_mistakes',
    'In rules.yaml as it is now; while there are any, the rules before stay in force',
  );
  const inspections = page.formerGauge(
    'loop_inspections',
    'Exchanges with a body somebody asked about, by what became of it',
    'outcome',
  );
  const looks = page.formerGauge(
    'loop_command_looks',
    'Transactions with an error of a database that a rule asks for: read to find out, or left unread because there were too many in a second',
    'outcome',
  );
  return ({ rules, ingest }) => {
    version.set(rules?.written.version ?? 0);
    mistakes.set(rules?.mistakes.length ?? 0);
    if (ingest === undefined) return;
    const { ruledOut, sent, kept, left } = ingest.recorder.inspections;
    const outcomes = { 'ruled-out': ruledOut, read: sent, kept };
    for (const [outcome, count] of Object.entries(outcomes)) inspections.set(count, { outcome });
    for (const [why, count] of Object.entries(left)) inspections.set(count, { outcome: `unread-${why}` });
    const { looked, left: unread } = ingest.recorder.commandLooks;
    looks.set(looked, { outcome: 'read' });
    looks.set(unread, { outcome: 'unread-budget' });
  };
}

export function brakeMetrics(page: MetricsPage): Take {
  const counted = page.formerGauge(
    'loop_brake_counted',
    'Failed transactions that were counted without being copied out',
  );
  const probes = page.formerGauge(
    'loop_brake_probes',
    'Failed transactions copied out meanwhile, to see what they are',
  );
  const signatures = page.gauge('loop_brake_signatures', 'Signatures of failures that are braked now');
  return ({ ingest }) => {
    if (ingest === undefined) return;
    const { brake } = ingest.recorder;
    counted.set(brake.counted);
    probes.set(brake.probes);
    signatures.set(brake.signatures);
  };
}

export function overloadMetrics(page: MetricsPage): Take {
  const level = page.gauge('loop_overload_level', '1: bodies of new exchanges are given up; 2: transactions, too');
  const share = page.gauge('loop_overload_share', 'Of transactions, the share that is given up now');
  const shed = page.counter('loop_overload_shed_exchanges', 'Exchanges given up, or their bodies alone', 'what');
  const recalled = page.counter(
    'loop_overload_recalled_exchanges',
    'Exchanges given up that turned out to be wanted: they are kept without what came by then',
  );
  return ({ ingest }) => {
    if (ingest === undefined) return;
    const { shedding } = ingest.recorder;
    level.set(shedding.level);
    share.set(shedding.share);
    shed.set(shedding.exchanges, { what: 'all' });
    shed.set(shedding.bodies, { what: 'bodies' });
    recalled.set(shedding.recalled);
  };
}
