import Sqlite, { type Database } from 'better-sqlite3';
import type { AuditHead, AuditHeadStore, Held } from '../../src/domain/audit.ts';
import { codeOf, StorageError, storageError } from '../errors.ts';
import { createPrivate } from './open.ts';

/** How long another process may take over one entry, ms. The thread is blocked meanwhile. */
const WAIT_MS = 5_000;
const DOING = 'noting the head of the audit';

/**
 * `audit.sqlite` beside the index: a file of its own, because loopd holds the index alone, and a replay of a file audits while loopd runs. Its
 * lock is SQLite's, which the system drops with the process. Throws StorageError.
 */
export function openAuditHead(path: string): AuditHeadStore {
  try {
    createPrivate(path);
    const database = new Sqlite(path, { timeout: WAIT_MS });
    database.pragma('journal_mode = TRUNCATE');
    database.pragma('synchronous = FULL');
    return new SqliteAuditHead(database);
  } catch (error) {
    throw storageError(error, 'opening the head of the audit');
  }
}

class SqliteAuditHead implements AuditHeadStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    database.exec(TABLE);
  }

  hold<Result>(use: (head: AuditHead | undefined) => Held<Result>): Result {
    this.#run('BEGIN IMMEDIATE');
    try {
      const before = this.#database.prepare('SELECT sequence, hash, size FROM head').get() as AuditHead | undefined;
      const held = use(before);
      this.#note(before, held);
      return held.result;
    } finally {
      if (this.#database.inTransaction) this.#run('ROLLBACK');
    }
  }

  #note(before: AuditHead | undefined, { head, undo }: Held<unknown>): void {
    const same = before?.sequence === head.sequence && before.hash === head.hash && before.size === head.size;
    if (same) return;
    try {
      this.#database.prepare(PUT).run(head);
      this.#database.exec('COMMIT');
    } catch (error) {
      undo?.();
      throw storageError(error, DOING);
    }
  }

  #run(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      throw busy(error) ?? storageError(error, DOING);
    }
  }

  close(): void {
    this.#database.close();
  }
}

function busy(error: unknown): StorageError | undefined {
  if (codeOf(error)?.startsWith('SQLITE_BUSY') !== true) return undefined;
  const hint = 'Try again; if it stays so, a process hangs that writes to audit.jsonl.';
  return new StorageError('locked', `Another process writes to the audit for more than ${WAIT_MS} ms.`, hint, {
    cause: error,
  });
}

const TABLE = `
  CREATE TABLE IF NOT EXISTS head (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    sequence INTEGER NOT NULL,
    hash     TEXT NOT NULL,
    size     INTEGER NOT NULL
  ) STRICT`;

const PUT = `
  INSERT INTO head (one, sequence, hash, size) VALUES (1, @sequence, @hash, @size)
  ON CONFLICT (one) DO UPDATE SET sequence = @sequence, hash = @hash, size = @size`;
