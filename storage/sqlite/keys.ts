import type { Database } from 'better-sqlite3';
import type { LoopId, StreamId } from '../../src/domain/ids.ts';
import type { FoundLoop, Identity, KeyDigest } from '../keys.ts';

/** How long a request id means the same transaction. */
const REQUEST_MS = 10 * 60 * 1000;

interface KeyRow {
  readonly loop: LoopId;
  readonly digest: string;
  readonly kind: KeyDigest['kind'];
  readonly at: number;
}

/** Inside the transaction that lists the loop. */
export function putIdentity(database: Database, loop: LoopId, { keys, root }: Identity): void {
  const add = database.prepare(ADD);
  for (const { digest, kind, at } of keys) add.run({ digest, loop, kind, at });
  if (root !== undefined) database.prepare('INSERT OR IGNORE INTO roots (loop, root) VALUES (?, ?)').run(loop, root);
}

export function findByKeys(database: Database, keys: readonly KeyDigest[]): readonly FoundLoop[] {
  const asked = new Map(keys.map((key) => [key.digest, key]));
  const rows = database.prepare(MATCHES).all(JSON.stringify([...asked.keys()])) as KeyRow[];
  const found: FoundLoop[] = [];
  for (const [loop, matches] of Map.groupBy(rows, (row) => row.loop)) {
    if (!isSame(matches, asked, () => hasTrace(database, loop))) continue;
    const state = database.prepare(STATE).get({ loop }) as { readonly root: StreamId | null; readonly deleted: number };
    found.push({ loop, ...(state.root !== null && { root: state.root }), deleted: state.deleted === 1 });
  }
  return found;
}

/** `from` leaves the list without being remembered as deleted; its keys, what led to it, and what wanted it lead to `into`. */
export function redirect(database: Database, from: LoopId, into: LoopId, now: number): void {
  database.transaction(() => {
    const both = { from, into, now };
    for (const sql of REDIRECT) database.prepare(sql).run(both);
  })();
}

export function redirectOf(database: Database, id: string): LoopId | undefined {
  return database.prepare('SELECT loop FROM redirects WHERE id = ?').pluck().get(id) as LoopId | undefined;
}

/** Keys of loops that are neither listed nor remembered as deleted. */
export function forgetKeys(database: Database): void {
  database.prepare(FORGET).run();
}

function isSame(matches: readonly KeyRow[], asked: ReadonlyMap<string, KeyDigest>, traced: () => boolean): boolean {
  if (matches.some(({ kind }) => kind === 'trace')) return true;
  const recent = matches.some(({ digest, at }) => Math.abs(at - (asked.get(digest)?.at ?? Infinity)) <= REQUEST_MS);
  return recent && !([...asked.values()].some(({ kind }) => kind === 'trace') && traced());
}

function hasTrace(database: Database, loop: LoopId): boolean {
  return database.prepare("SELECT 1 FROM keys WHERE loop = ? AND kind = 'trace' LIMIT 1").get(loop) !== undefined;
}

const ADD = `
  INSERT INTO keys (digest, loop, kind, at) VALUES (@digest, @loop, @kind, @at)
  ON CONFLICT (digest, loop) DO UPDATE SET at = max(at, @at)`;

const MATCHES =
  'SELECT loop, digest, kind, at FROM keys WHERE digest IN (SELECT value FROM json_each(?)) ORDER BY loop';

const STATE = `
  SELECT (SELECT root FROM roots WHERE loop = @loop) AS root,
    NOT EXISTS (SELECT 1 FROM loops WHERE id = @loop) AS deleted`;

const REDIRECT: readonly string[] = [
  'UPDATE OR IGNORE keys SET loop = @into WHERE loop = @from',
  'DELETE FROM keys WHERE loop = @from',
  'UPDATE OR IGNORE capture_loops SET loop = @into WHERE loop = @from',
  'UPDATE OR IGNORE subjects SET loop = @into WHERE loop = @from',
  'UPDATE redirects SET loop = @into WHERE loop = @from',
  'DELETE FROM loops WHERE id = @from',
  'INSERT OR REPLACE INTO redirects (id, loop, at) SELECT @from, id, @now FROM loops WHERE id = @into',
];

const FORGET = 'DELETE FROM keys WHERE loop NOT IN (SELECT id FROM loops) AND loop NOT IN (SELECT id FROM deleted)';
