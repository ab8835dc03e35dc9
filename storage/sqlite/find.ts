import type { Database } from 'better-sqlite3';
import type { LoopId } from '../../src/domain/ids.ts';
import type { Within } from '../port.ts';
import { globsOf, withinSql } from './within.ts';

/** Ids that begin so, also redirected ones, under which they lead to. */
export function findByPrefix(database: Database, prefix: string, limit: number, within: Within): readonly LoopId[] {
  const { captures, others } = within;
  const seen = [
    ...(captures === undefined ? [] : [`(purpose <> 'capture' OR ${withinSql('loops', 'captures')})`]),
    ...(others === undefined ? [] : [`(purpose = 'capture' OR ${withinSql('loops', 'others')})`]),
  ];
  const sql = `SELECT id FROM loops WHERE ${['id IN (SELECT * FROM (' + FOUND + '))', ...seen].join(' AND ')} ORDER BY 1 LIMIT @limit`;
  const values = {
    from: prefix,
    // '{' sorts behind every character of an id.
    to: `${prefix}{`,
    captures: captures && globsOf(captures),
    others: others && globsOf(others),
    limit: Math.max(limit, 0),
  };
  return database.prepare(sql).pluck().all(values) as LoopId[];
}

const FOUND = `
  SELECT id FROM loops WHERE id >= @from AND id < @to
  UNION SELECT loop FROM redirects WHERE id >= @from AND id < @to`;
