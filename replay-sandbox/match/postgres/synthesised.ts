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

/** True for statements that change nothing: their recorded answer may be given again. */
export function isRead(sql: string): boolean {
  if (!/^(?:SELECT|WITH|VALUES|TABLE|SHOW|EXPLAIN)\b/.test(firstWords(sql, 1))) return false;
  return !/\b(?:update|delete|merge|into|nextval)\b/i.test(sql);
}
