/**
 * The store on one machine: SQLite lists, the filesystem holds the bytes. Files are made durable before the row that names them, and a row
 * goes before its files, so at every instant each listed loop is whole; what a crash leaves unlisted is swept at the next start.
 *
 *     <directory>/index.sqlite  owner.json  ballast  loops/<id>/<digest>.{seg,view}
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../src/domain/clock.ts';
import type { Fingerprint, LoopId } from '../src/domain/ids.ts';
import type { CaptureId } from '../src/domain/capture.ts';
import type { LoopSummary } from '../src/domain/loop.ts';
import type { CountedCapture, StoredCapture } from './captures.ts';
import { codeOf, StorageError, storageError } from './errors.ts';
import { Ballast } from './filesystem/ballast.ts';
import { checkedDigest, digestOf, fileName, LoopFiles } from './filesystem/loop-files.ts';
import type { FingerprintSummary } from '../src/domain/fingerprint.ts';
import type { FailureCount, FingerprintQuery } from './fingerprints.ts';
import type { FoundLoop, KeyDigest } from './keys.ts';
import type {
  DeleteOptions,
  ListPage,
  LoopStore,
  SaveOptions,
  SealedLoop,
  SealedPart,
  StoredLoop,
  StoreQuery,
  Within,
} from './port.ts';
import { Serial } from './serial.ts';
import type { Subject } from './subjects.ts';
import { LoopIndex } from './sqlite/loop-index.ts';
import { openIndex } from './sqlite/open.ts';

export interface LocalStoreOptions {
  readonly clock: Clock;
  /** How long to wait for another process that holds the store; the thread is blocked meanwhile. Milliseconds, default 1000. */
  readonly lockWaitMs?: number;
}

/**
 * Opens (or begins) the store in `directory`. Rejects with StorageError: `locked` when another process has it open, `corrupt` when the index
 * is damaged, `full` when there is no room to begin. Writes of the index run on the calling thread and take one fsync each.
 */
export async function openLocalStore(directory: string, options: LocalStoreOptions): Promise<LoopStore> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const ballast = new Ballast(join(directory, 'ballast'));
    const index = await openAlone(directory, ballast, options.lockWaitMs ?? 1000);
    try {
      const files = new LoopFiles(join(directory, 'loops'));
      await files.prepare();
      await files.sweep(index.files());
      await ballast.take();
      return new LocalStore(index, files, ballast, options.clock);
    } catch (error) {
      index.close();
      throw error;
    }
  } catch (error) {
    throw storageError(error, `opening ${directory}`);
  }
}

async function openAlone(directory: string, ballast: Ballast, waitMs: number): Promise<LoopIndex> {
  const path = join(directory, 'index.sqlite');
  const owner = join(directory, 'owner.json');
  const open = () => new LoopIndex(openIndex(path, waitMs));
  const index = await attempt(open, owner).catch(async (error: unknown) => {
    if (storageError(error, '').code !== 'full') throw error;
    await ballast.release();
    return open();
  });
  // Only tells people who holds the lock; the lock itself is SQLite's. Not worth failing for on a full disk.
  await writeFile(owner, `${JSON.stringify({ pid: process.pid })}\n`, { mode: 0o600 }).catch(() => undefined);
  return index;
}

async function attempt(open: () => LoopIndex, owner: string): Promise<LoopIndex> {
  try {
    return open();
  } catch (error) {
    if (codeOf(error)?.startsWith('SQLITE_BUSY') !== true) throw error;
    const pid = /"pid":(\d+)/.exec(await readFile(owner, 'latin1').catch(() => ''))?.[1] ?? 'unknown';
    const hint = 'Talk to that process through its API (loopctl does when loopd runs), or stop it first.';
    throw new StorageError('locked', `Another process (pid ${pid}) holds the store.`, hint, { cause: error });
  }
}

class LocalStore implements LoopStore {
  readonly #index: LoopIndex;
  readonly #files: LoopFiles;
  readonly #ballast: Ballast;
  readonly #clock: Clock;
  /** One act at a time: a reader never meets a file that a save or delete is just taking away. */
  readonly #acts = new Serial();
  #closed = false;

  constructor(index: LoopIndex, files: LoopFiles, ballast: Ballast, clock: Clock) {
    this.#index = index;
    this.#files = files;
    this.#ballast = ballast;
    this.#clock = clock;
  }

  save(loop: SealedLoop, { restore = false, ofErased = false, ...more }: SaveOptions = {}): Promise<void> {
    return this.#act(`saving loop ${loop.summary.id}`, async () => {
      const { id } = loop.summary;
      const former = this.#index.find(id);
      this.#refuse(loop, former?.loop, restore);
      if (!ofErased) this.#refuseBuried(loop, more.subjects);
      const known = new Set(this.#index.partDigests(id));
      const view = new TextEncoder().encode(loop.view);
      const viewDigest = digestOf(view);
      const parts = new Map<string, Uint8Array>();
      for (const part of loop.parts) if (!known.has(checkedDigest(part))) parts.set(part.digest, part.bytes);
      const files = new Map([...parts].map(([digest, bytes]) => [fileName(digest, 'seg'), bytes]));
      if (viewDigest !== former?.viewDigest) files.set(fileName(viewDigest, 'view'), view);
      await this.#files.write(id, files);
      try {
        this.#index.put(loop, viewDigest, [...parts.keys()], this.#clock.now(), more);
      } catch (error) {
        // After an i/o error the row may turn out to be there after all: its files wait for the sweep of the next start.
        if (storageError(error, '').code === 'full') await this.#files.discard(id, [...files.keys()]);
        throw error;
      }
      if (former && former.viewDigest !== viewDigest)
        await this.#files.discard(id, [fileName(former.viewDigest, 'view')]);
      await this.#ballast.take();
    });
  }

  list(query: StoreQuery): Promise<ListPage> {
    return this.#tell('listing loops', () => this.#index.list(query));
  }

  findByPrefix(prefix: string, limit: number, within?: Within): Promise<readonly LoopId[]> {
    return this.#tell('finding a loop', () => this.#index.findByPrefix(prefix, limit, within));
  }

  get(id: LoopId): Promise<StoredLoop> {
    return this.#act(`reading loop ${id}`, async () => {
      const found = this.#index.find(this.#index.follow(id)) ?? notFound(id);
      const view = await this.#read(found.loop.summary.id, fileName(found.viewDigest, 'view'));
      return { ...found.loop, view: new TextDecoder().decode(view) };
    });
  }

  parts(id: LoopId): Promise<readonly SealedPart[]> {
    return this.#act(`reading loop ${id}`, async () => {
      if (this.#index.find(id) === undefined) notFound(id);
      const parts: SealedPart[] = [];
      for (const digest of this.#index.partDigests(id)) {
        parts.push({ digest, bytes: await this.#read(id, fileName(digest, 'seg')) });
      }
      return parts;
    });
  }

  delete(id: LoopId, { again = false, named = false }: DeleteOptions = {}): Promise<void> {
    return this.#act(`deleting loop ${id}`, async () => {
      const namedBy = this.#index.namedBy(id);
      if (namedBy.length > 0 && !named) {
        const facts = `Loop ${id} serves the replay of ${namedBy.join(', ')}.`;
        throw new StorageError('conflict', facts, `Delete first: loopctl delete ${namedBy.join(' ')}`);
      }
      if (namedBy.length > 0) this.#index.unname(id);
      if (!this.#unlist(id, again)) await this.#ballast.release();
      if (!this.#unlist(id, again)) {
        // Not even the ballast made room: the loop's own bytes must go before its row can.
        await this.#files.remove(id);
        this.#index.remove(id, this.#clock.now(), again);
      }
      await this.#files.remove(id);
      this.#index.compact();
      await this.#ballast.take();
    });
  }

  findByKeys(keys: readonly KeyDigest[]): Promise<readonly FoundLoop[]> {
    return this.#act('finding loops by key', () => this.#index.findByKeys(keys));
  }

  redirect(from: LoopId, into: LoopId): Promise<void> {
    return this.#act(`redirecting loop ${from}`, async () => {
      if (from === into) return;
      this.#index.redirect(from, into, this.#clock.now());
      await this.#files.remove(from);
    });
  }

  companions(services: readonly string[]): Promise<readonly LoopId[]> {
    return this.#act('finding companions', () => this.#index.companions(services));
  }

  countFailures(counts: readonly FailureCount[]): Promise<void> {
    return this.#act('counting failures', () => this.#index.countFailures(counts));
  }

  fingerprints(query: FingerprintQuery): Promise<readonly FingerprintSummary[]> {
    return this.#tell('listing fingerprints', () => this.#index.fingerprints(query));
  }

  keptInHour(hour: number): Promise<ReadonlyMap<Fingerprint, number>> {
    return this.#act('counting what was kept', () => this.#index.keptInHour(hour));
  }

  expireFingerprints(before: number): Promise<number> {
    return this.#act('forgetting old fingerprints', () => this.#index.expireFingerprints(before));
  }

  putCapture(capture: StoredCapture): Promise<void> {
    return this.#act('noting a capture', () => this.#index.putCapture(capture));
  }

  captures(): Promise<readonly CountedCapture[]> {
    return this.#tell('listing captures', () => this.#index.captures());
  }

  capturedLoops(id: CaptureId): Promise<readonly LoopSummary[]> {
    return this.#tell('listing what a capture kept', () => this.#index.capturedLoops(id));
  }

  wantedBy(loop: LoopId): Promise<readonly CaptureId[]> {
    return this.#act('finding captures', () => this.#index.wantedBy(loop));
  }

  unwant(capture: CaptureId, loop: LoopId): Promise<void> {
    return this.#act('letting go of a captured loop', () => this.#index.unwant(capture, loop));
  }

  capturedBytes(user: string, since: number): Promise<number> {
    return this.#act('counting captured bytes', () => this.#index.capturedBytes(user, since));
  }

  deleteCapture(id: CaptureId): Promise<readonly LoopId[]> {
    return this.#act('deleting a capture', () => {
      const orphans = this.#index.deleteCapture(id);
      this.#index.compact();
      return orphans;
    });
  }

  loopsOf(subject: Subject): Promise<readonly LoopSummary[]> {
    return this.#act('finding what is stored of a user', () => this.#index.subjects().loopsOf(subject));
  }

  subjectsOf(loop: LoopId): Promise<readonly Subject[] | undefined> {
    return this.#act('finding users', () => this.#index.subjects().subjectsOf(loop));
  }

  unnoted(): Promise<readonly LoopId[]> {
    return this.#act('finding users', () => this.#index.subjects().unnoted());
  }

  noteSubjects(loop: LoopId, seen: readonly Subject[]): Promise<void> {
    return this.#act('noting users', () => this.#index.subjects().noteSubjects(loop, seen));
  }

  bury(subject: Subject, at: number): Promise<void> {
    return this.#act('noting that a user is erased', () => this.#index.subjects().bury(subject, at));
  }

  isBuried(seen: readonly Subject[], startedAt: number): Promise<boolean> {
    return this.#act('finding users', () => this.#index.subjects().isBuried(seen, startedAt));
  }

  forgetSubject(subject: Subject, hide: (text: string) => string | Promise<string>): Promise<void> {
    return this.#act('forgetting a user', async () => {
      const subjects = this.#index.subjects();
      const hidden = [];
      for (const { fingerprint, what } of subjects.descriptions()) {
        const told = await hide(what);
        if (told !== what) hidden.push({ fingerprint, what: told });
      }
      subjects.forgetSubject(subject, hidden);
      this.#index.compact();
    });
  }

  nameOf(subject: Subject, fresh: string): Promise<string> {
    return this.#act('naming a user', () => this.#index.subjects().nameOf(subject, fresh));
  }

  close(): Promise<void> {
    return this.#acts.run(async () => {
      if (!this.#closed) this.#index.close();
      this.#closed = true;
    });
  }

  #refuse(loop: SealedLoop, former: Omit<StoredLoop, 'view'> | undefined, restore: boolean): void {
    const { id } = loop.summary;
    if (former !== undefined && !Buffer.from(former.wrappedKey).equals(loop.wrappedKey)) {
      const hint = 'Seal further parts under the key the loop has: get(id).wrappedKey.';
      throw new StorageError('conflict', `Loop ${id} is stored under another data key.`, hint);
    }
    if (former === undefined && !restore && this.#index.wasDeleted(id)) {
      throw new StorageError(
        'deleted',
        `Loop ${id} was deleted; parts that come late do not bring it back.`,
        'loopctl import <file> does, from a file.',
      );
    }
  }

  #refuseBuried({ summary: { id, startedAt } }: SealedLoop, seen: SaveOptions['subjects'] = []): void {
    if (!this.#index.subjects().isBuried(seen, startedAt)) return;
    throw new StorageError('deleted', `Loop ${id} shows a user whose data was erased after it began.`);
  }

  /** False when the disk is too full to remove a row. */
  #unlist(id: LoopId, again: boolean): boolean {
    try {
      this.#index.remove(id, this.#clock.now(), again);
      return true;
    } catch (error) {
      if (storageError(error, '').code === 'full') return false;
      throw error;
    }
  }

  async #read(id: LoopId, name: string): Promise<Uint8Array> {
    try {
      return await this.#files.read(id, name);
    } catch (error) {
      if (error instanceof StorageError && error.code === 'corrupt') this.#mark(id, error);
      throw error;
    }
  }

  #mark(id: LoopId, damage: StorageError): void {
    try {
      this.#index.markDamaged(id, damage.message);
    } catch {
      // The caller hears of the damage itself, and the next reader finds it again.
    }
  }

  #act<T>(doing: string, action: () => T | Promise<T>): Promise<T> {
    return this.#acts.run(() => this.#tell(doing, action));
  }

  /** By itself for what looks at the index alone: it need not wait for files that are being written. */
  async #tell<T>(doing: string, action: () => T | Promise<T>): Promise<T> {
    if (this.#closed) throw new StorageError('io', 'The store is closed.');
    try {
      return await action();
    } catch (error) {
      throw storageError(error, doing);
    }
  }
}

function notFound(id: LoopId): never {
  throw new StorageError('not-found', `There is no loop ${id}.`, 'List them with: loopctl list failures');
}
