import type { Database } from 'better-sqlite3';
import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { Subject } from '../subjects.ts';
import { readSummary, type LoopRow } from './rows.ts';
import { mergeSearch } from './search.ts';

/** Inside the transaction that lists the loop. Undefined: nobody has looked. */
export function putSubjects(database: Database, loop: LoopId, subjects: readonly Subject[] | undefined): void {
  if (subjects === undefined) {
    database.prepare('INSERT OR IGNORE INTO unnoted (loop) VALUES (?)').run(loop);
    return;
  }
  const add = database.prepare('INSERT OR IGNORE INTO subjects (loop, subject) VALUES (?, ?)');
  for (const subject of subjects) add.run(loop, subject);
}

export function noteSubjects(database: Database, loop: LoopId, subjects: readonly Subject[]): void {
  database.transaction(() => {
    database.prepare('DELETE FROM unnoted WHERE loop = ?').run(loop);
    if (database.prepare('SELECT 1 FROM loops WHERE id = ?').get(loop) !== undefined)
      putSubjects(database, loop, subjects);
  })();
}

export function loopsOf(database: Database, subject: Subject): readonly LoopSummary[] {
  return (database.prepare(LOOPS).all(subject) as LoopRow[]).map(readSummary);
}

export function subjectsOf(database: Database, loop: LoopId): readonly Subject[] | undefined {
  if (database.prepare('SELECT 1 FROM unnoted WHERE loop = ?').get(loop) !== undefined) return undefined;
  return database
    .prepare('SELECT subject FROM subjects WHERE loop = ? ORDER BY subject')
    .pluck()
    .all(loop) as Subject[];
}

export function unnoted(database: Database): readonly LoopId[] {
  return database.prepare('SELECT loop FROM unnoted ORDER BY loop').pluck().all() as LoopId[];
}

export function bury(database: Database, subject: Subject, at: number): void {
  database.prepare('INSERT OR REPLACE INTO buried (subject, at) VALUES (?, ?)').run(subject, at);
}

export function isBuried(database: Database, subjects: readonly Subject[], startedAt: number): boolean {
  if (subjects.length === 0) return false;
  return database.prepare(BURIED).get(JSON.stringify(subjects), startedAt) !== undefined;
}

/** What failures are described by. */
export function descriptions(database: Database): readonly Described[] {
  return database.prepare('SELECT fingerprint, what FROM fingerprints').all() as readonly Described[];
}

interface Described {
  readonly fingerprint: string;
  readonly what: string;
}

/** `hidden`: descriptions that are to be others. */
export function forgetSubject(database: Database, subject: Subject, hidden: readonly Described[]): void {
  database.transaction(() => {
    database.prepare('DELETE FROM fingerprint_users WHERE user = ?').run(Buffer.from(subject, 'hex'));
    database.prepare('DELETE FROM subject_names WHERE subject = ?').run(subject);
    const put = database.prepare('UPDATE fingerprints SET what = ? WHERE fingerprint = ?');
    for (const { fingerprint, what } of hidden) put.run(what, fingerprint);
    mergeSearch(database);
  })();
}

export function nameOf(database: Database, subject: Subject, fresh: string): string {
  database.prepare('INSERT OR IGNORE INTO subject_names (subject, name) VALUES (?, ?)').run(subject, fresh);
  return database.prepare('SELECT name FROM subject_names WHERE subject = ?').pluck().get(subject) as string;
}

const LOOPS = `
  SELECT loops.* FROM loops JOIN subjects ON subjects.loop = loops.id
  WHERE subjects.subject = ? ORDER BY started_at, loops.id`;

const BURIED = 'SELECT 1 FROM buried WHERE subject IN (SELECT value FROM json_each(?)) AND at >= ? LIMIT 1';
