import type { Database } from 'better-sqlite3';
import type { Fingerprint, LoopId } from '../../src/domain/ids.ts';
import type { FailureDescription, FingerprintSummary } from '../../src/domain/fingerprint.ts';
import type { FingerprintQuery } from '../fingerprints.ts';
import { readVersions, USERS_COUNTED } from './fingerprints.ts';
import { globsOf } from './within.ts';

/** Longest list, whatever is asked for. */
const MAX_LIST = 1000;

interface Row {
  readonly fingerprint: string;
  readonly first_at: number;
  readonly last_at: number;
  readonly seen: number;
  readonly unread: number;
  readonly guessed: number;
  readonly service: string;
  readonly what: string;
  readonly versions: string;
}

/** Last seen first. */
export function listFingerprints(database: Database, query: FingerprintQuery): readonly FingerprintSummary[] {
  const { among, service, since, within } = query;
  const where = [
    'TRUE',
    ...(among === undefined ? [] : ['fingerprint IN (SELECT value FROM json_each(@among))']),
    ...(service === undefined ? [] : ['service = @service']),
    ...(since === undefined ? [] : ['last_at >= @since']),
    ...(within === undefined
      ? []
      : ['EXISTS (SELECT 1 FROM json_each(@within) AS globs WHERE service GLOB globs.value)']),
  ];
  const sql = `SELECT * FROM fingerprints WHERE ${where.join(' AND ')} ORDER BY last_at DESC, fingerprint LIMIT @limit`;
  const limit = Math.min(Math.max(Math.trunc(query.limit) || 1, 1), MAX_LIST);
  const values = { among: among && JSON.stringify(among), service, since, within: within && globsOf(within), limit };
  const rows = database.prepare(sql).all(values) as Row[];
  return rows.map((row) => readRow(database, row));
}

function readRow(database: Database, row: Row): FingerprintSummary {
  const { fingerprint } = row;
  const one = (sql: string): unknown => database.prepare(sql).pluck().get(fingerprint);
  const newest = one(NEWEST) as LoopId | undefined;
  const users = Number(one('SELECT COUNT(*) FROM fingerprint_users WHERE fingerprint = ?'));
  const versions = Object.entries(readVersions(row.versions)).map(([version, seen]) => ({ version, seen }));
  return {
    fingerprint: fingerprint as Fingerprint,
    firstSeenAt: row.first_at,
    lastSeenAt: row.last_at,
    seen: row.seen,
    unread: row.unread,
    guessed: row.guessed,
    kept: Number(one("SELECT COUNT(*) FROM loops WHERE fingerprint = ? AND purpose = 'failure'")),
    ...(newest !== undefined && { newest }),
    ...readDescription(row),
    versions: versions.toSorted((left, right) => right.seen - left.seen),
    users: Math.min(users, USERS_COUNTED),
    moreUsers: users > USERS_COUNTED,
    hours: database.prepare(HOURS).all(fingerprint) as { readonly at: number; readonly seen: number }[],
  };
}

/** A description that cannot be read leaves the counts to be read. */
function readDescription({ service, what }: Row): FailureDescription {
  const { method, route, kind, summary } = parse(what);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '?');
  return { service, method: text(method), route: text(route), kind: text(kind), summary: text(summary) };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

const NEWEST = `SELECT id FROM loops WHERE fingerprint = ? AND purpose = 'failure' ORDER BY started_at DESC, id DESC LIMIT 1`;
const HOURS = 'SELECT hour AS at, seen FROM fingerprint_hours WHERE fingerprint = ? ORDER BY hour';
