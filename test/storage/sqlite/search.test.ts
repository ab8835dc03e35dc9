import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { LoopId } from '../../../src/domain/ids.ts';
import { listLoops } from '../../../storage/sqlite/list.ts';
import { LoopIndex } from '../../../storage/sqlite/loop-index.ts';
import { migrate, MIGRATIONS } from '../../../storage/sqlite/migrations.ts';
import { putSearch } from '../../../storage/sqlite/search.ts';
import { forgetSubject } from '../../../storage/sqlite/subjects.ts';
import type { Subject } from '../../../storage/subjects.ts';
import { loopId, loopSummary } from '../../support/transaction.ts';

it('finds what was kept before by its summary; a damaged one stays listed and is found by nothing', () => {
  const database = new Sqlite(':memory:');
  migrate(database, MIGRATIONS.slice(0, 5));
  const put = database.prepare(
    `INSERT INTO loops (id, purpose, subject, started_at, saved_at, summary, wrapped_key, view_digest)
     VALUES (?, 'failure', '', 1, 1, ?, x'00', 'd')`,
  );
  put.run(loopId(1), JSON.stringify(loopSummary(1, { path: '/checkout?coupon=REDACTED', status: 502 })));
  put.run(loopId(2), '{"broken');
  put.run(loopId(3), '{"status":"many","path":[1],"service":{}}');
  migrate(database);
  const ids = (more: object) =>
    listLoops(database, { purpose: 'failure', limit: 9, ...more }).loops.map(({ id }) => id);
  expect(ids({})).toEqual([3, 2, 1].map(loopId));
  expect(ids({ route: 'POST /checkout', status: '5xx', outcome: 'failed', text: 'gateway coupon' })).toEqual([
    loopId(1),
  ]);
  database.prepare('DELETE FROM loops').run();
  expect(database.prepare(`SELECT count(*) FROM words WHERE words MATCH 'gateway'`).pluck().get()).toBe(0);
});

it('leaves no word of a removed loop in the file', () => {
  const database = new Sqlite(':memory:');
  migrate(database);
  database.pragma('foreign_keys = ON');
  database.pragma('secure_delete = ON');
  database.exec(`INSERT INTO loops (id, purpose, subject, started_at, saved_at, summary, wrapped_key, view_digest)
    VALUES ('a', 'failure', '', 1, 1, '{}', x'00', 'd');
    INSERT INTO searched (loop, service, text) VALUES ('a', 's', 'unmistakable');`);
  const has = () => database.serialize().includes('unmistakable');
  expect(has()).toBe(true);
  new LoopIndex(database).remove('a' as LoopId, 1, true);
  expect(has()).toBe(false);
  expect(database.prepare('SELECT count(*) FROM searched').pluck().get()).toBe(0);
});

it('leaves no word that a late part replaced in the file, once somebody is forgotten', () => {
  const database = new Sqlite(':memory:');
  migrate(database);
  database.pragma('secure_delete = ON');
  const put = database.prepare(
    `INSERT INTO loops (id, purpose, subject, started_at, saved_at, summary, wrapped_key, view_digest)
     VALUES (?, 'failure', '', 1, 1, '{}', x'00', 'd')`,
  );
  for (const number of [1, 2]) put.run(loopId(number));
  putSearch(database, loopSummary(1), [{ service: 'pricing', text: 'unmistakable' }]);
  putSearch(database, loopSummary(2), [{ service: 'pricing', text: 'remaining' }]);
  putSearch(database, loopSummary(1), [{ service: 'pricing', text: 'another' }]);
  new LoopIndex(database).remove(loopId(1), 1, true);
  forgetSubject(database, 'ab' as Subject, []);
  const file = database.serialize();
  expect(['unmistakable', 'another', 'remaining'].map((word) => file.includes(word))).toEqual([false, false, true]);
  expect(database.prepare(`SELECT count(*) FROM words WHERE words MATCH 'remaining'`).pluck().get()).toBe(1);
});
