import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { migrate, MIGRATIONS } from '../../../storage/sqlite/migrations.ts';

const versionOf = (database: Sqlite.Database) => database.pragma('user_version', { simple: true });
const tablesOf = (database: Sqlite.Database) =>
  database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();

it('bring an empty file to the newest version, and do nothing the second time', () => {
  const database = new Sqlite(':memory:');
  migrate(database);
  expect(versionOf(database)).toBe(MIGRATIONS.length);
  expect(tablesOf(database)).toEqual(
    expect.arrayContaining(['companions', 'deleted', 'fingerprints', 'loops', 'parts', 'services']),
  );
  migrate(database);
  expect(versionOf(database)).toBe(MIGRATIONS.length);
});

it('run only what is new, in order, and keep what is stored', () => {
  const database = new Sqlite(':memory:');
  const steps = ['CREATE TABLE a (x)', 'INSERT INTO a VALUES (1)', 'UPDATE a SET x = x + 1'];
  migrate(database, steps.slice(0, 2));
  migrate(database, steps);
  expect(versionOf(database)).toBe(3);
  expect(database.prepare('SELECT x FROM a').pluck().all()).toEqual([2]);
});

it('undo a step that fails, and stay at the version before it', () => {
  const database = new Sqlite(':memory:');
  expect(() => migrate(database, ['CREATE TABLE a (x)', 'CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)'])).toThrow(
    'nowhere',
  );
  expect(versionOf(database)).toBe(1);
  expect(tablesOf(database)).toEqual(['a']);
});

it('refuse a schema of a newer Loop', () => {
  const database = new Sqlite(':memory:');
  database.pragma('user_version = 99');
  expect(() => migrate(database)).toThrow(
    expect.objectContaining({
      code: 'corrupt',
      message: `The store has schema 99; this Loop knows up to ${MIGRATIONS.length}.`,
      hint: 'A newer Loop wrote it: upgrade this one.',
    }),
  );
});
