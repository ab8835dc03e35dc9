import type { Database } from 'better-sqlite3';
import type { Fingerprint, LoopId } from '../../src/domain/ids.ts';
import { fileName } from '../filesystem/loop-files.ts';
import type { CaptureId } from '../../src/domain/capture.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { CountedCapture, StoredCapture } from '../captures.ts';
import * as captures from './captures.ts';
import type { FingerprintSummary } from '../../src/domain/fingerprint.ts';
import type { FailureCount, FingerprintQuery } from '../fingerprints.ts';
import type { FoundLoop, KeyDigest } from '../keys.ts';
import type { ListPage, StoreQuery, SaveOptions, SealedLoop, StoredLoop } from '../port.ts';
import * as keys from './keys.ts';
import type { Subject, SubjectStore } from '../subjects.ts';
import * as subjects from './subjects.ts';
import { countFailures, expireFingerprints, keptInHour } from './fingerprints.ts';
import { listFingerprints } from './list-fingerprints.ts';
import { listLoops } from './list.ts';
import { columnsOf, forgetSearch, putSearch } from './search.ts';
import { findByPrefix } from './find.ts';
import { readSummary, type LoopRow } from './rows.ts';
import type { Within } from '../port.ts';

/** How long a deleted id stays refused: parts of a transaction come late by minutes, never by a day. */
const DELETED_FOR_MS = 24 * 60 * 60 * 1000;

export interface IndexedLoop {
  readonly loop: Omit<StoredLoop, 'view'>;
  readonly viewDigest: string;
}

/** What is listed, and which files belong to it. Every method is synchronous and short; errors are SQLite's own or StorageError. */
export class LoopIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Lists the loop with these parts added behind those it has. The wrapped key of the first save stays. */
  put(
    loop: Omit<SealedLoop, 'view' | 'parts'>,
    viewDigest: string,
    newParts: readonly string[],
    savedAt: number,
    { wanted = [], identity, subjects: seen }: Pick<SaveOptions, 'wanted' | 'identity' | 'subjects'> = {},
  ): void {
    const { summary } = loop;
    this.#database.transaction(() => {
      this.#database.prepare(PUT).run({
        id: summary.id,
        purpose: summary.purpose,
        subject: loop.subject,
        startedAt: summary.startedAt,
        savedAt,
        fingerprint: summary.fingerprint ?? null,
        summary: JSON.stringify(summary),
        wrappedKey: Buffer.from(loop.wrappedKey),
        viewDigest,
        ...columnsOf(summary),
      });
      putSearch(this.#database, summary, loop.search);
      this.#append('parts', 'digest', summary.id, newParts, this.partDigests(summary.id).length);
      this.#database.prepare('DELETE FROM companions WHERE loop = ?').run(summary.id);
      this.#append('companions', 'companion', summary.id, loop.companions, 0);
      this.#database.prepare('DELETE FROM services WHERE loop = ?').run(summary.id);
      const addService = this.#database.prepare('INSERT INTO services (loop, service) VALUES (?, ?)');
      for (const service of new Set([summary.service, ...summary.services])) addService.run(summary.id, service);
      this.#database.prepare('DELETE FROM redirects WHERE id = ?').run(summary.id);
      if (identity !== undefined) keys.putIdentity(this.#database, summary.id, identity);
      captures.addWishes(this.#database, summary.id, wanted);
      subjects.putSubjects(this.#database, summary.id, seen);
    })();
  }

  find(id: LoopId): IndexedLoop | undefined {
    const row = this.#database.prepare('SELECT * FROM loops WHERE id = ?').get(id) as LoopRow | undefined;
    if (row === undefined) return undefined;
    const companions = this.#ids('SELECT companion FROM companions WHERE loop = ? ORDER BY ordinal', id);
    const loop = {
      summary: readSummary(row),
      subject: row.subject,
      wrappedKey: new Uint8Array(row.wrapped_key),
      companions,
    };
    return { loop, viewDigest: row.view_digest };
  }

  partDigests(id: LoopId): readonly string[] {
    return this.#database
      .prepare('SELECT digest FROM parts WHERE loop = ? ORDER BY ordinal')
      .pluck()
      .all(id) as string[];
  }

  list(query: StoreQuery): ListPage {
    return listLoops(this.#database, query);
  }

  findByPrefix(prefix: string, limit: number, within: Within = {}): readonly LoopId[] {
    return findByPrefix(this.#database, prefix, limit, within);
  }

  findByKeys(digests: readonly KeyDigest[]): readonly FoundLoop[] {
    return keys.findByKeys(this.#database, digests);
  }

  redirect(from: LoopId, into: LoopId, now: number): void {
    keys.redirect(this.#database, from, into, now);
  }

  /** Where an id leads: mostly to itself. */
  follow(id: LoopId): LoopId {
    return keys.redirectOf(this.#database, id) ?? id;
  }

  companions(services: readonly string[]): readonly LoopId[] {
    const wanted = JSON.stringify(services);
    return this.#ids(COMPANIONS, wanted, wanted);
  }

  /** Loops that name this one as their companion; a few of them. */
  namedBy(id: LoopId): readonly LoopId[] {
    return this.#ids('SELECT DISTINCT loop FROM companions WHERE companion = ? LIMIT 3', id);
  }

  wasDeleted(id: LoopId): boolean {
    return this.#database.prepare('SELECT 1 FROM deleted WHERE id = ?').get(id) !== undefined;
  }

  /** Remembers what was found wrong with a loop, so that lists say so. */
  markDamaged(id: LoopId, what: string): void {
    this.#database.prepare('UPDATE loops SET damage = ? WHERE id = ?').run(what, id);
  }

  /** Users seen in recordings; each as SubjectStore says, at once. */
  subjects(): {
    readonly [Name in Exclude<keyof SubjectStore, 'forgetSubject'>]: (
      ...given: Parameters<SubjectStore[Name]>
    ) => Awaited<ReturnType<SubjectStore[Name]>>;
  } & {
    readonly descriptions: () => ReturnType<typeof subjects.descriptions>;
    readonly forgetSubject: (subject: Subject, hidden: ReturnType<typeof subjects.descriptions>) => void;
  } {
    const database = this.#database;
    return {
      loopsOf: (subject) => subjects.loopsOf(database, subject),
      subjectsOf: (loop) => subjects.subjectsOf(database, loop),
      unnoted: () => subjects.unnoted(database),
      noteSubjects: (loop, seen) => subjects.noteSubjects(database, loop, seen),
      bury: (subject, at) => subjects.bury(database, subject, at),
      isBuried: (seen, startedAt) => subjects.isBuried(database, seen, startedAt),
      descriptions: () => subjects.descriptions(database),
      forgetSubject: (subject, hidden) => subjects.forgetSubject(database, subject, hidden),
      nameOf: (subject, fresh) => subjects.nameOf(database, subject, fresh),
    };
  }

  /** Loops lose this companion. */
  unname(id: LoopId): void {
    this.#database.prepare('DELETE FROM companions WHERE companion = ?').run(id);
  }

  /** Takes the loop off the list and, unless it may come again, remembers its id as deleted, if it was there. */
  remove(id: LoopId, now: number, again: boolean): void {
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM deleted WHERE at < ?').run(now - DELETED_FOR_MS);
      if (!again)
        this.#database.prepare('INSERT OR REPLACE INTO deleted SELECT id, ? FROM loops WHERE id = ?').run(now, id);
      forgetSearch(this.#database, id);
      this.#database.prepare('DELETE FROM loops WHERE id = ?').run(id);
      keys.forgetKeys(this.#database);
    })();
  }

  countFailures(counts: readonly FailureCount[]): void {
    countFailures(this.#database, counts);
  }

  fingerprints(query: FingerprintQuery): readonly FingerprintSummary[] {
    return listFingerprints(this.#database, query);
  }

  keptInHour(hour: number): ReadonlyMap<Fingerprint, number> {
    return keptInHour(this.#database, hour);
  }

  expireFingerprints(before: number): number {
    return expireFingerprints(this.#database, before);
  }

  putCapture(capture: StoredCapture): void {
    captures.putCapture(this.#database, capture);
  }

  captures(): readonly CountedCapture[] {
    return captures.listCaptures(this.#database);
  }

  capturedLoops(id: CaptureId): readonly LoopSummary[] {
    return captures.capturedLoops(this.#database, id);
  }

  wantedBy(loop: LoopId): readonly CaptureId[] {
    return captures.wantedBy(this.#database, loop);
  }

  unwant(capture: CaptureId, loop: LoopId): void {
    captures.unwant(this.#database, capture, loop);
  }

  capturedBytes(user: string, since: number): number {
    return captures.capturedBytes(this.#database, user, since);
  }

  deleteCapture(id: CaptureId): readonly LoopId[] {
    return captures.deleteCapture(this.#database, id);
  }

  /** Folds the log into the index file and cuts it to nothing, so that deleted rows leave the disk. */
  compact(): void {
    this.#database.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** Every file that counts, by loop. */
  files(): ReadonlyMap<string, ReadonlySet<string>> {
    const files = new Map<string, Set<string>>();
    for (const row of this.#database
      .prepare('SELECT id, view_digest AS digest FROM loops')
      .iterate() as Iterable<FileRow>) {
      files.set(row.id, new Set([fileName(row.digest, 'view')]));
    }
    for (const row of this.#database.prepare('SELECT loop AS id, digest FROM parts').iterate() as Iterable<FileRow>) {
      files.get(row.id)?.add(fileName(row.digest, 'seg'));
    }
    return files;
  }

  close(): void {
    this.#database.close();
  }

  #append(table: 'parts' | 'companions', column: string, id: LoopId, values: readonly string[], from: number): void {
    const add = this.#database.prepare(`INSERT INTO ${table} (loop, ordinal, ${column}) VALUES (?, ?, ?)`);
    for (const [index, value] of values.entries()) add.run(id, from + index, value);
  }

  #ids(sql: string, ...values: readonly (string | number)[]): readonly LoopId[] {
    return this.#database
      .prepare(sql)
      .pluck()
      .all(...values) as LoopId[];
  }
}

interface FileRow {
  readonly id: string;
  readonly digest: string;
}

const PUT = `
  INSERT INTO loops (id, purpose, subject, started_at, saved_at, fingerprint, summary, wrapped_key, view_digest,
    outcome, status, entry, method, route, origin)
  VALUES (@id, @purpose, @subject, @startedAt, @savedAt, @fingerprint, @summary, @wrappedKey, @viewDigest,
    @outcome, @status, @entry, @method, @route, @origin)
  ON CONFLICT (id) DO UPDATE SET purpose = @purpose, subject = @subject, started_at = @startedAt, saved_at = @savedAt,
    fingerprint = @fingerprint, summary = @summary, view_digest = @viewDigest,
    outcome = @outcome, status = @status, entry = @entry, method = @method, route = @route, origin = @origin`;

const COMPANIONS = `
  SELECT id FROM loops
  WHERE damage IS NULL AND (
    (purpose = 'ambient' AND subject IN (SELECT value FROM json_each(?)))
    OR (purpose = 'exemplar' AND id IN (SELECT loop FROM services WHERE service IN (SELECT value FROM json_each(?)))))
  ORDER BY started_at DESC, id DESC`;
