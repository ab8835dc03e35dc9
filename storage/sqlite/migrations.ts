import type { Database } from 'better-sqlite3';
import { StorageError } from '../errors.ts';
import { loops } from './migrations/0001-loops.ts';
import { fingerprints } from './migrations/0002-fingerprints.ts';
import { keys } from './migrations/0003-keys.ts';
import { captures } from './migrations/0004-captures.ts';
import { subjects } from './migrations/0005-subjects.ts';
import { search } from './migrations/0006-search.ts';

/** In order; the schema version (`user_version`) is how many have run. Shipped ones never change: a change is a new one. */
export const MIGRATIONS: readonly string[] = [loops, fingerprints, keys, captures, subjects, search];

/** Brings the schema to the newest version, each step in a transaction of its own. Throws StorageError `corrupt` for a newer schema. */
export function migrate(database: Database, migrations: readonly string[] = MIGRATIONS): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    const facts = `The store has schema ${version}; this Loop knows up to ${migrations.length}.`;
    throw new StorageError('corrupt', facts, 'A newer Loop wrote it: upgrade this one.');
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}
