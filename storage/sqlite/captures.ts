import type { Database } from 'better-sqlite3';
import type { CaptureEnd, CaptureId } from '../../src/domain/capture.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { CaptureStateRecord, CountedCapture, StoredCapture, Wish } from '../captures.ts';
import { readSummary, type LoopRow } from './rows.ts';

const DAY_MS = 86_400_000;
/** How long it is known what a user's captures took. */
const DAYS_KNOWN = 2;

interface Row {
  readonly id: CaptureId;
  readonly started_at: number;
  readonly until: number;
  readonly ended_at: number | null;
  readonly ended_by: CaptureEnd | null;
  readonly user: string;
  readonly state: string;
  readonly sealed: Buffer;
  readonly transactions: number;
  readonly failed: number;
  readonly not_whole: number;
  readonly bytes: number;
}

export function putCapture(database: Database, capture: StoredCapture): void {
  database.prepare(PUT).run({
    id: capture.id,
    startedAt: capture.startedAt,
    until: capture.until,
    endedAt: capture.endedAt ?? null,
    endedBy: capture.endedBy ?? null,
    user: capture.user,
    state: JSON.stringify(capture.state),
    sealed: Buffer.from(capture.sealed),
  });
}

export function listCaptures(database: Database): readonly CountedCapture[] {
  return (database.prepare(LIST).all() as Row[]).map(readRow);
}

export function capturedLoops(database: Database, id: CaptureId): readonly LoopSummary[] {
  return (database.prepare(LOOPS).all(id) as LoopRow[]).map(readSummary);
}

export function wantedBy(database: Database, loop: LoopId): readonly CaptureId[] {
  return database
    .prepare('SELECT capture FROM capture_loops WHERE loop = ? ORDER BY capture')
    .pluck()
    .all(loop) as CaptureId[];
}

/** Inside the transaction that lists the loop. A capture that was deleted meanwhile wants nothing. */
export function addWishes(database: Database, loop: LoopId, wishes: readonly Wish[]): void {
  const known = database.prepare('SELECT 1 FROM captures WHERE id = ?');
  for (const { capture, user, bytes, at } of wishes) {
    if (known.get(capture) === undefined) continue;
    database.prepare(WANT).run({ capture, loop, bytes });
    const day = Math.floor(at / DAY_MS) * DAY_MS;
    database.prepare(CHARGE).run({ user, day, bytes });
    database.prepare('DELETE FROM captured_days WHERE day < ?').run(day - DAYS_KNOWN * DAY_MS);
  }
}

export function unwant(database: Database, capture: CaptureId, loop: LoopId): void {
  database.prepare('DELETE FROM capture_loops WHERE capture = ? AND loop = ?').run(capture, loop);
}

export function capturedBytes(database: Database, user: string, since: number): number {
  const sum = database.prepare('SELECT SUM(bytes) FROM captured_days WHERE user = ? AND day >= ?').pluck();
  return Number(sum.get(user, since) ?? 0);
}

export function deleteCapture(database: Database, id: CaptureId): readonly LoopId[] {
  return database.transaction(() => {
    const orphans = database.prepare(ORPHANS).pluck().all({ id }) as LoopId[];
    database.prepare('DELETE FROM captures WHERE id = ?').run(id);
    return orphans;
  })();
}

function readRow(row: Row): CountedCapture {
  return {
    id: row.id,
    startedAt: row.started_at,
    until: row.until,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.ended_by !== null && { endedBy: row.ended_by }),
    user: row.user,
    state: readState(row.state),
    sealed: new Uint8Array(row.sealed),
    transactions: row.transactions,
    failed: row.failed,
    notWhole: row.not_whole,
    bytes: row.bytes,
  };
}

/** Damaged text leaves the rest to be read. */
function readState(text: string): CaptureStateRecord {
  const nothing = { maxBytes: 0, maxTransactions: 0, lookBack: true, leftOut: 0, aliveAt: 0, notes: [] };
  try {
    return { ...nothing, ...(JSON.parse(text) as Partial<CaptureStateRecord>) };
  } catch {
    return { ...nothing, notes: [{ at: 0, what: 'what was noted of this capture is damaged' }] };
  }
}

const PUT = `
  INSERT INTO captures (id, started_at, until, ended_at, ended_by, user, state, sealed)
  VALUES (@id, @startedAt, @until, @endedAt, @endedBy, @user, @state, @sealed)
  ON CONFLICT (id) DO UPDATE SET until = @until, ended_at = @endedAt, ended_by = @endedBy, state = @state, sealed = @sealed`;

const LIST = `
  SELECT captures.*, COUNT(loops.id) AS transactions, COALESCE(SUM(capture_loops.bytes), 0) AS bytes,
    COUNT(loops.id) FILTER (WHERE loops.purpose = 'failure') AS failed,
    COUNT(loops.id) FILTER (WHERE json_valid(summary) AND json_array_length(summary, '$.holes') > 0) AS not_whole
  FROM captures
  LEFT JOIN capture_loops ON capture_loops.capture = captures.id
  LEFT JOIN loops ON loops.id = capture_loops.loop
  GROUP BY captures.id ORDER BY started_at DESC, captures.id`;

const LOOPS = `
  SELECT loops.* FROM loops JOIN capture_loops ON capture_loops.loop = loops.id
  WHERE capture_loops.capture = ? ORDER BY started_at, loops.id`;

const WANT = `
  INSERT INTO capture_loops (capture, loop, bytes) VALUES (@capture, @loop, @bytes)
  ON CONFLICT (capture, loop) DO UPDATE SET bytes = bytes + @bytes`;

const CHARGE = `
  INSERT INTO captured_days (user, day, bytes) VALUES (@user, @day, @bytes)
  ON CONFLICT (user, day) DO UPDATE SET bytes = bytes + @bytes`;

const ORPHANS = `
  SELECT loop FROM capture_loops JOIN loops ON loops.id = loop
  WHERE capture = @id AND loops.purpose = 'capture'
    AND NOT EXISTS (SELECT 1 FROM capture_loops AS other WHERE other.loop = capture_loops.loop AND other.capture <> @id)`;
