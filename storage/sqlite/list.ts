import type { Database } from 'better-sqlite3';
import { StorageError } from '../errors.ts';
import type { ListPage, StoreQuery } from '../port.ts';
import { conditionsOf, type Condition } from './conditions.ts';
import { readSummary, type LoopRow } from './rows.ts';

/** Longest page, whatever is asked for: a page is built in one go on the caller's thread (about 10 µs a loop). */
const MAX_PAGE = 1000;

/** Where a page ended: the place of its last loop in the order of the list. */
interface Place {
  readonly startedAt: number;
  readonly id: string;
}

/** One page, newest first. Throws StorageError `not-found` for a cursor that is none. */
export function listLoops(database: Database, query: StoreQuery): ListPage {
  const limit = Math.min(Math.max(Math.trunc(query.limit) || 1, 1), MAX_PAGE);
  const conditions = [
    { sql: 'purpose = @purpose', values: { purpose: query.purpose } },
    ...(query.cursor === undefined ? [] : [behind(readCursor(query.cursor))]),
    ...conditionsOf(query),
  ];
  const where = conditions.map(({ sql }) => sql).join(' AND ');
  const sql = `SELECT loops.* FROM loops WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT @limit`;
  const values = Object.assign({ limit: limit + 1 }, ...conditions.map((condition) => condition.values)) as object;
  const rows = database.prepare(sql).all(values) as LoopRow[];
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const loops = rows.slice(0, limit).map(readSummary);
  return last ? { loops, next: writeCursor({ startedAt: last.started_at, id: last.id }) } : { loops };
}

function behind({ startedAt, id }: Place): Condition {
  return { sql: '(started_at, id) < (@placeTime, @placeId)', values: { placeTime: startedAt, placeId: id } };
}

function writeCursor(place: Place): string {
  return Buffer.from(`${place.startedAt} ${place.id}`).toString('base64url');
}

function readCursor(cursor: string): Place {
  const [time, id, ...rest] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  const startedAt = Number(time);
  if (!time || !id || rest.length > 0 || !Number.isFinite(startedAt)) {
    throw new StorageError('not-found', 'The cursor names no page of this list.', 'Start again without a cursor.');
  }
  return { startedAt, id };
}
