import type { Database } from 'better-sqlite3';
import type { Fingerprint } from '../../src/domain/ids.ts';
import type { FailureDescription } from '../../src/domain/fingerprint.ts';
import type { FailureCount } from '../fingerprints.ts';

const HOUR_MS = 3_600_000;
/** Hours counted one by one. */
const HOURS = 7 * 24;
/** Counted one by one; from there on it is "1000+". */
export const USERS_COUNTED = 1000;
/** Versions told apart; what comes later is one. */
const VERSIONS = 32;
const OTHER_VERSIONS = 'others';
/** Fingerprints there are at most; the one not seen for longest goes first. */
const FINGERPRINTS = 2000;

const UNKNOWN: FailureDescription = { service: '?', method: '?', route: '?', kind: '?', summary: '?' };

interface Row {
  readonly service: string;
  readonly what: string;
  readonly versions: string;
}

/** Adds the counts; synchronous, one transaction. */
export function countFailures(database: Database, counts: readonly FailureCount[]): void {
  database.transaction(() => {
    for (const count of counts) addOne(database, count);
    database.prepare('DELETE FROM fingerprints WHERE seen <= 0').run();
    database.prepare(SURPLUS).run(FINGERPRINTS);
  })();
}

/** Forgets what was last seen before `before`; returns how many. */
export function expireFingerprints(database: Database, before: number): number {
  return database.prepare('DELETE FROM fingerprints WHERE last_at < ?').run(before).changes;
}

/** Counts say it although a loop was deleted since, loops although a crash came before their count was written. */
export function keptInHour(database: Database, hour: number): ReadonlyMap<Fingerprint, number> {
  const rows = database.prepare(KEPT_IN_HOUR).all({ hour, next: hour + HOUR_MS }) as {
    readonly fingerprint: Fingerprint;
    readonly kept: number;
  }[];
  return new Map(rows.map(({ fingerprint, kept }) => [fingerprint, kept]));
}

function addOne(database: Database, count: FailureCount): void {
  const { fingerprint, hours, what } = count;
  const row = database
    .prepare('SELECT service, what, versions FROM fingerprints WHERE fingerprint = ?')
    .get(fingerprint);
  const known = row as Row | undefined;
  const seen = hours.reduce((sum, hour) => sum + hour.seen, 0);
  if (known === undefined && seen <= 0) return;
  database.prepare(PUT).run({
    fingerprint,
    firstAt: count.firstAt,
    lastAt: count.lastAt,
    seen,
    unread: count.unread,
    guessed: count.guessed,
    service: what?.service ?? known?.service ?? UNKNOWN.service,
    what: what === undefined ? (known?.what ?? JSON.stringify(UNKNOWN)) : JSON.stringify(what),
    versions: JSON.stringify(sumOf(readVersions(known?.versions ?? '{}'), count.versions)),
  });
  const addHour = database.prepare(PUT_HOUR);
  for (const hour of hours) addHour.run({ fingerprint, ...hour });
  const oldest = Math.floor(count.lastAt / HOUR_MS) * HOUR_MS - HOURS * HOUR_MS;
  database.prepare('DELETE FROM fingerprint_hours WHERE fingerprint = ? AND hour <= ?').run(fingerprint, oldest);
  addUsers(database, fingerprint, count.users);
}

function addUsers(database: Database, fingerprint: Fingerprint, users: readonly string[]): void {
  if (users.length === 0) return;
  const count = database.prepare('SELECT COUNT(*) FROM fingerprint_users WHERE fingerprint = ?').pluck();
  const add = database.prepare('INSERT OR IGNORE INTO fingerprint_users (fingerprint, user) VALUES (?, ?)');
  // One more than is counted tells that there are more.
  let room = USERS_COUNTED + 1 - Number(count.get(fingerprint));
  for (const user of users) if (room > 0) room -= add.run(fingerprint, Buffer.from(user, 'hex')).changes;
}

/** Damaged text counts as nothing: counting goes on. */
export function readVersions(text: string): Readonly<Record<string, number>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, seen]) => typeof seen === 'number'));
  } catch {
    return {};
  }
}

function sumOf(
  known: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum = new Map(Object.entries(known));
  for (const [version, seen] of Object.entries(more)) {
    const name = sum.has(version) || sum.size < VERSIONS ? version : OTHER_VERSIONS;
    sum.set(name, (sum.get(name) ?? 0) + seen);
  }
  return Object.fromEntries([...sum].filter(([, seen]) => seen > 0));
}

const PUT = `
  INSERT INTO fingerprints (fingerprint, first_at, last_at, seen, unread, guessed, service, what, versions)
  VALUES (@fingerprint, @firstAt, @lastAt, @seen, @unread, @guessed, @service, @what, @versions)
  ON CONFLICT (fingerprint) DO UPDATE SET first_at = min(first_at, @firstAt), last_at = max(last_at, @lastAt),
    seen = seen + @seen, unread = unread + @unread, guessed = guessed + @guessed, service = @service, what = @what, versions = @versions`;

const PUT_HOUR = `
  INSERT INTO fingerprint_hours (fingerprint, hour, seen, kept) VALUES (@fingerprint, @hour, @seen, @kept)
  ON CONFLICT (fingerprint, hour) DO UPDATE SET seen = seen + @seen, kept = kept + @kept`;

const SURPLUS = `
  DELETE FROM fingerprints WHERE fingerprint IN (
    SELECT fingerprint FROM fingerprints ORDER BY last_at DESC LIMIT -1 OFFSET ?)`;

const KEPT_IN_HOUR = `
  SELECT fingerprint, max(kept) AS kept FROM (
    SELECT fingerprint, kept FROM fingerprint_hours WHERE hour = @hour
    UNION ALL
    SELECT fingerprint, COUNT(*) AS kept FROM loops
    WHERE purpose = 'failure' AND started_at >= @hour AND started_at < @next AND fingerprint IS NOT NULL GROUP BY fingerprint)
  GROUP BY fingerprint`;
