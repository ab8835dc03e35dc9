import type { MetricsPage } from './page.ts';
import type { Take } from './seen.ts';

export function keeperMetrics(page: MetricsPage): Take {
  const loops = page.formerGauge('loop_keeper_recordings', 'Recordings stored, counted only, or lost', 'fate');
  const lost = page.counter('loop_keeper_lost_bytes', 'Bytes of parts that were lost');
  const backlog = page.gauge('loop_keeper_backlog_bytes', 'Bytes of parts that wait to be stored');
  const waiting = page.gauge('loop_keeper_backlog_parts', 'Parts that wait to be stored');
  return ({ keeper }) => {
    loops.set(keeper.kept, { fate: 'kept' });
    loops.set(keeper.overBudget, { fate: 'over-budget' });
    loops.set(keeper.swallowed, { fate: 'swallowed' });
    loops.set(keeper.lost, { fate: 'lost' });
    lost.set(keeper.lostBytes);
    backlog.set(keeper.backlogBytes);
    waiting.set(keeper.backlogParts);
  };
}

export function storeMetrics(page: MetricsPage): Take {
  const bytes = page.gauge('loop_store_bytes', 'Of all files of the store; measured once a minute');
  const loops = page.gauge('loop_store_recordings', 'In the store, of any purpose; measured once a minute');
  const free = page.gauge('loop_store_free_bytes', 'Left on the disk of the store; measured once a minute');
  return ({ usage }) => {
    if (usage === undefined) return;
    bytes.set(usage.bytes);
    loops.set(usage.loops);
    free.set(usage.freeBytes);
  };
}

export function historyMetrics(page: MetricsPage): Take {
  const seconds = page.gauge('loop_history_seconds', 'How far back the history behind the flight recorder reaches');
  const bytes = page.gauge('loop_history_bytes', 'Of the history: encrypted on disk, its tables in memory', 'kind');
  const blocks = page.gauge('loop_history_blocks', 'Blocks of the history held now', 'state');
  const lost = page.counter('loop_history_blocks_dropped', 'Blocks that were lost, by reason', 'reason');
  const aged = page.formerGauge(
    'loop_history_aged_bytes',
    'What age pushed out of memory, by whether there was room',
    'fate',
  );
  const answered = page.counter('loop_history_questions_asked', 'Transactions that history was asked for', 'outcome');
  const questions = page.gauge('loop_history_questions', 'Transactions that history was asked for', 'state');
  return ({ ingest, history }) => {
    const spill = ingest?.recorder.spill;
    if (history === undefined || spill === undefined) return;
    seconds.set(history.seconds);
    bytes.set(history.bytes, { kind: 'disk' });
    bytes.set(history.tableBytes, { kind: 'tables' });
    blocks.set(history.blocks.held, { state: 'held' });
    lost.set(history.blocks.failed, { reason: 'write' });
    lost.set(history.blocks.damaged, { reason: 'damaged' });
    aged.set(spill.passed.bytes, { fate: 'passed' });
    aged.set(spill.dropped.bytes, { fate: 'dropped' });
    answered.set(history.answered, { outcome: 'answered' });
    answered.set(spill.unasked, { outcome: 'refused' });
    questions.set(history.answered, { state: 'answered' });
    questions.set(history.waiting, { state: 'open' });
    questions.set(spill.unasked, { state: 'refused' });
  };
}
