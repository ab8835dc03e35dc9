/** What loopd counts, as Prometheus reads it. Values are taken from the parts at each scrape; nothing is counted twice. */
import { Gauge, Registry } from 'prom-client';
import type { IngestStats } from '../ingest/client.ts';
import type { CallCounters } from '../ingest/counters.ts';
import type { HistoryStats } from '../history/client.ts';
import type { KeeperStats } from './keeper.ts';

export interface MetricSources {
  readonly ingest: () => IngestStats | undefined;
  readonly keeper: () => KeeperStats;
  readonly history?: () => HistoryStats | undefined;
  readonly rules?: () => RulesSeen;
}

/** Rules of one's own. */
export interface RulesSeen {
  readonly written: { readonly version: number };
  readonly mistakes: readonly unknown[];
}

export function createMetrics(sources: MetricSources): () => Promise<string> {
  const registry = new Registry();
  const take = [
    memoryGauges(registry),
    recorderGauges(registry),
    ingestGauges(registry),
    keeperGauges(registry),
    historyGauges(registry),
    rulesGauges(registry),
    brakeGauges(registry),
  ];
  return async () => {
    const seen = {
      ingest: sources.ingest(),
      keeper: sources.keeper(),
      history: sources.history?.(),
      rules: sources.rules?.(),
    };
    for (const set of take) set(seen);
    return registry.metrics();
  };
}

interface Seen {
  /** Undefined until the ingest thread has told its first numbers. */
  readonly ingest: IngestStats | undefined;
  readonly keeper: KeeperStats;
  /** Undefined where there is none. */
  readonly history: HistoryStats | undefined;
  readonly rules: RulesSeen | undefined;
}

type Take = (seen: Seen) => void;

function gauge(registry: Registry, name: string, help: string, ...labelNames: readonly string[]): Gauge {
  return new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
}

function memoryGauges(registry: Registry): Take {
  const memory = gauge(
    registry,
    'loop_memory_bytes',
    'Resident, and JavaScript heap in use, of the main and of the ingest thread',
    'kind',
  );
  return ({ ingest }) => {
    const { rss, heapUsed } = process.memoryUsage();
    memory.set({ kind: 'resident' }, rss);
    memory.set({ kind: 'heap' }, heapUsed);
    if (ingest !== undefined) memory.set({ kind: 'ingest_heap' }, ingest.heapBytes);
  };
}

function recorderGauges(registry: Registry): Take {
  const segments = gauge(registry, 'loop_recorder_segments', 'Segments by fate; received is their sum', 'fate');
  const bytes = gauge(registry, 'loop_recorder_bytes', 'Bytes of records by fate; received is their sum', 'fate');
  const history = gauge(registry, 'loop_recorder_history_seconds', 'How far back the flight recorder reaches');
  const transactions = gauge(registry, 'loop_recorder_transactions', 'Settled transactions by verdict', 'verdict');
  return ({ ingest }) => {
    if (ingest === undefined) return;
    for (const [fate, tally] of Object.entries(ingest.recorder.fates)) {
      segments.set({ fate }, tally.segments);
      bytes.set({ fate }, tally.bytes);
    }
    history.set(ingest.recorder.historySeconds);
    transactions.set({ verdict: 'kept' }, ingest.recorder.keptTransactions);
    transactions.set({ verdict: 'tossed' }, ingest.recorder.tossedTransactions);
  };
}

function ingestGauges(registry: Registry): Take {
  const messages = gauge(registry, 'loop_ingest_messages', 'ProcessingRequests received');
  const entries = gauge(registry, 'loop_ingest_log_entries', 'Entries of access logs received');
  const calls = gauge(registry, 'loop_ingest_calls_ended', 'Capturing calls by how they ended', 'reason');
  const refused = gauge(registry, 'loop_ingest_refused', 'What was refused, by reason', 'reason');
  const faults = gauge(registry, 'loop_ingest_faults', 'Messages that are no ProcessingRequest');
  const delay = gauge(
    registry,
    'loop_ingest_delay_seconds',
    'How late the ingest thread ran at most, in its last second',
  );
  const connections = gauge(
    registry,
    'loop_ingest_connections',
    'Open connections of sidecars, health checks included',
  );
  const open = gauge(registry, 'loop_ingest_calls_open', 'Calls of sidecars that are not over');
  return ({ ingest }) => {
    if (ingest === undefined) return;
    const { counters, loopDelayMs } = ingest;
    open.set(openCalls(counters) + openCalls(counters.logs));
    messages.set(counters.messages);
    entries.set(counters.logs.entries);
    faults.set(counters.faults);
    delay.set(loopDelayMs.max / 1000);
    connections.set(counters.connectionsOpened - counters.connectionsClosed);
    for (const [reason, count] of Object.entries(counters.callsEnded)) calls.set({ reason }, count);
    for (const [reason, count] of Object.entries(counters.refused)) refused.set({ reason }, count);
  };
}

function openCalls({ callsOpened, callsEnded }: CallCounters): number {
  return Object.values(callsEnded).reduce((open, ended) => open - ended, callsOpened);
}

function keeperGauges(registry: Registry): Take {
  const loops = gauge(registry, 'loop_keeper_recordings', 'Recordings stored, counted only, or lost', 'fate');
  const backlog = gauge(registry, 'loop_keeper_backlog_bytes', 'Bytes of parts that wait to be stored');
  return ({ keeper }) => {
    loops.set({ fate: 'kept' }, keeper.kept);
    loops.set({ fate: 'over-budget' }, keeper.overBudget);
    loops.set({ fate: 'swallowed' }, keeper.swallowed);
    loops.set({ fate: 'lost' }, keeper.lost);
    backlog.set(keeper.backlogBytes);
  };
}

function historyGauges(registry: Registry): Take {
  const seconds = gauge(
    registry,
    'loop_history_seconds',
    'How far back the history behind the flight recorder reaches',
  );
  const bytes = gauge(
    registry,
    'loop_history_bytes',
    'Of the history: encrypted on disk, its tables in memory',
    'kind',
  );
  const blocks = gauge(registry, 'loop_history_blocks', 'Blocks of the history held now', 'state');
  const lost = gauge(registry, 'loop_history_blocks_dropped_total', 'Blocks that were lost, by reason', 'reason');
  const aged = gauge(
    registry,
    'loop_history_aged_bytes',
    'What age pushed out of memory, by whether there was room',
    'fate',
  );
  const questions = gauge(registry, 'loop_history_questions', 'Transactions that history was asked for', 'state');
  return ({ ingest, history }) => {
    const spill = ingest?.recorder.spill;
    if (history === undefined || spill === undefined) return;
    seconds.set(history.seconds);
    bytes.set({ kind: 'disk' }, history.bytes);
    bytes.set({ kind: 'tables' }, history.tableBytes);
    blocks.set({ state: 'held' }, history.blocks.held);
    lost.set({ reason: 'write' }, history.blocks.failed);
    lost.set({ reason: 'damaged' }, history.blocks.damaged);
    aged.set({ fate: 'passed' }, spill.passed.bytes);
    aged.set({ fate: 'dropped' }, spill.dropped.bytes);
    questions.set({ state: 'answered' }, history.answered);
    questions.set({ state: 'open' }, history.waiting);
    questions.set({ state: 'refused' }, spill.unasked);
  };
}

function rulesGauges(registry: Registry): Take {
  const version = gauge(
    registry,
    'loop_rules_version',
    'Grows with every change of rules.yaml; 0: built-in rules alone',
  );
  const mistakes = gauge(
    registry,
    'loop_rules_mistakes',
    'In rules.yaml as it is now; while there are any, the rules before stay in force',
  );
  const inspections = gauge(
    registry,
    'loop_inspections',
    'Exchanges with a body somebody asked about, by what became of it',
    'outcome',
  );
  const looks = gauge(
    registry,
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
    for (const [outcome, count] of Object.entries(outcomes)) inspections.set({ outcome }, count);
    for (const [why, count] of Object.entries(left)) inspections.set({ outcome: `unread-${why}` }, count);
    const { looked, left: unread } = ingest.recorder.commandLooks;
    looks.set({ outcome: 'read' }, looked);
    looks.set({ outcome: 'unread-budget' }, unread);
  };
}

function brakeGauges(registry: Registry): Take {
  const counted = gauge(
    registry,
    'loop_brake_counted',
    'Failed transactions that were counted without being copied out',
  );
  const probes = gauge(registry, 'loop_brake_probes', 'Failed transactions copied out meanwhile, to see what they are');
  const signatures = gauge(registry, 'loop_brake_signatures', 'Signatures of failures that are braked now');
  return ({ ingest }) => {
    if (ingest === undefined) return;
    counted.set(ingest.recorder.brake.counted);
    probes.set(ingest.recorder.brake.probes);
    signatures.set(ingest.recorder.brake.signatures);
  };
}
