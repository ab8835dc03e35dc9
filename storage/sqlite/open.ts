import { closeSync, openSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';
import { codeOf } from '../errors.ts';
import { migrate } from './migrations.ts';

/**
 * Opens the index and holds it alone: SQLite's own file locks, which the system drops with the process, so a crash leaves no stale lock.
 * Waits up to `waitMs` for another holder (blocking this thread), then throws SQLITE_BUSY. Other errors are SQLite's own too.
 */
export function openIndex(path: string, waitMs: number): Database {
  createPrivate(path);
  const database = new Sqlite(path, { timeout: waitMs });
  try {
    // Exclusive before WAL: the lock is then held until close, and no shared-memory file is needed.
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    // What is deleted is overwritten: rows hold wrapped keys.
    database.pragma('secure_delete = ON');
    // 1 MiB of log instead of the default 4: the whole store may sit on a small volume.
    database.pragma('wal_autocheckpoint = 256');
    database.pragma('journal_size_limit = 0');
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    refuseDamage(database);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export function createPrivate(path: string): void {
  try {
    // Only ever when absent: closing another descriptor of the file would drop locks this process holds on it (POSIX).
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function refuseDamage(database: Database): void {
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw Object.assign(new Error(String(found)), { code: 'SQLITE_CORRUPT' });
}
