import type { LoopId, TransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary, RecordingPurpose } from '../../src/domain/loop.ts';

/** A row of `loops`, as far as it is read. */
export interface LoopRow {
  readonly id: string;
  readonly purpose: string;
  readonly started_at: number;
  readonly summary: string;
  readonly damage: string | null;
  readonly subject: string;
  readonly wrapped_key: Buffer;
  readonly view_digest: string;
}

/** The summary of a row. Damage found earlier is one more hole; a summary that cannot be read shows as one too, and its loop stays listed. */
export function readSummary(row: LoopRow): LoopSummary {
  const summary = parse(row) ?? unreadable(row);
  return row.damage === null ? summary : { ...summary, holes: [...summary.holes, row.damage] };
}

function parse(row: LoopRow): LoopSummary | undefined {
  try {
    const summary = JSON.parse(row.summary) as LoopSummary | null;
    return summary?.id === row.id && Array.isArray(summary.holes) ? summary : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(row: LoopRow): LoopSummary {
  return {
    id: row.id as LoopId,
    purpose: row.purpose as RecordingPurpose,
    transaction: 'request:?' as TransactionKey,
    startedAt: row.started_at,
    durationMs: 0,
    service: '?',
    method: '?',
    path: '?',
    outcome: 'failed',
    services: [],
    exchanges: 0,
    commands: 0,
    bytes: 0,
    holes: ['the stored summary is damaged'],
  };
}
