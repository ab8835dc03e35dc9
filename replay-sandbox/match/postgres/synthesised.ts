import type { Column } from '../../../src/wire/postgres/backend.ts';
import { firstWords, splitStatements } from '../../../src/wire/postgres/language/sql.ts';

/** Statements that only steer the session: their answer is their command tag, which needs no recording. */
const TAGS: readonly (readonly [RegExp, string])[] = [
  [/^BEGIN\b/, 'BEGIN'],
  [/^PREPARE TRANSACTION\b/, ''],
  [/^PREPARE\b/, 'PREPARE'],
  [/^START TRANSACTION\b/, 'START TRANSACTION'],
  [/^(?:COMMIT|ROLLBACK) PREPARED\b/, ''],
  [/^(?:COMMIT|END)\b/, 'COMMIT'],
  [/^(?:ROLLBACK|ABORT)\b/, 'ROLLBACK'],
  [/^SAVEPOINT\b/, 'SAVEPOINT'],
  [/^RELEASE\b/, 'RELEASE'],
  [/^SET\b/, 'SET'],
  [/^RESET\b/, 'RESET'],
  [/^CLOSE\b/, 'CLOSE CURSOR'],
  [/^DISCARD ALL\b/, 'DISCARD ALL'],
  [/^DEALLOCATE (?:PREPARE )?ALL\b/, 'DEALLOCATE ALL'],
  [/^DEALLOCATE\b/, 'DEALLOCATE'],
  [/^LISTEN\b/, 'LISTEN'],
  [/^UNLISTEN\b/, 'UNLISTEN'],
  [/^LOCK\b/, 'LOCK TABLE'],
];

/** The command tag of a statement that can be answered without a recording; undefined for every other statement. */
export function synthesisedTag(sql: string): string | undefined {
  if (splitStatements(sql).length !== 1) return undefined;
  const words = firstWords(sql, 3);
  const tag = TAGS.find(([pattern]) => pattern.test(words))?.[1];
  return tag === '' ? undefined : tag;
}

/** What pools and drivers ask of a connection before they use it. */
export interface SessionAnswer {
  readonly tag: string;
  /** Its one column, and its one value. */
  readonly name: string;
  readonly type: number;
  readonly value: string;
}

const TEXT = 25;
const INT4 = 23;

/**
 * The answer to a question about the session itself, which needs no recording: SHOW of what the server said at start-up, the isolation level
 * of a fresh connection, and `SELECT 1`. `settings`: by name, as the server spells it.
 */
export function sessionAnswer(sql: string, settings: ReadonlyMap<string, string>): SessionAnswer | undefined {
  if (/^select 1$/i.test(sql)) return { tag: 'SELECT 1', name: '?column?', type: INT4, value: '1' };
  if (/^show (?:transaction isolation level|transaction_isolation)$/i.test(sql))
    return { tag: 'SHOW', name: 'transaction_isolation', type: TEXT, value: 'read committed' };
  const asked = /^show (\w+|time zone)$/i.exec(sql)?.[1]?.toLowerCase().replace('time zone', 'timezone');
  const known = [...settings].find(([name]) => name.toLowerCase() === asked);
  return known && { tag: 'SHOW', name: known[0], type: TEXT, value: known[1] };
}

/** As a description tells it. */
export function sessionColumn({ name, type }: SessionAnswer): Column {
  return { name, table: 0, attribute: 0, type, size: type === INT4 ? 4 : -1, modifier: -1, format: 0 };
}

/** True for statements that change nothing: their recorded answer may be given again. */
export function isRead(sql: string): boolean {
  if (!/^(?:SELECT|WITH|VALUES|TABLE|SHOW|EXPLAIN)\b/.test(firstWords(sql, 1))) return false;
  return !/\b(?:update|delete|merge|into|nextval)\b/i.test(sql);
}
