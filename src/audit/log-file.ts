/**
 * The audit of one data directory: appended by whichever process does something there, one at a time. Each entry is on the disk before its act
 * is done. The head stands in the store too, so that a shortened file shows.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { AuditedAct, AuditHead, AuditHeadStore, AuditKey, AuditTrail, Held } from '../domain/audit.ts';
import type { Clock } from '../domain/clock.ts';
import type { AuditEntry } from './entry.ts';
import { readEntry } from './entry.ts';
import { auditError } from './error.ts';
import { OpenFile } from './open-file.ts';
import { Repeats } from './repeats.ts';
import type { Reserve } from './reserve-file.ts';
import type { Chain } from './scan.ts';
import { ChainReader } from './scan.ts';

export interface AuditLogOptions {
  readonly file: string;
  readonly head: AuditHeadStore;
  readonly key: AuditKey;
  readonly clock: Clock;
  /** Space for acts that make some. */
  readonly reserve: Reserve;
}

export interface AuditQuery {
  readonly limit: number;
  /** Only entries before this sequence. */
  readonly before?: number | undefined;
  readonly actor?: string | undefined;
  readonly act?: string | undefined;
}

export interface AuditSlice {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** There are older ones: they are before this sequence. */
  readonly next?: number;
  readonly chain: { readonly whole: boolean; readonly entries: number; readonly broken?: number };
  /** Of the last entry. Whoever keeps it elsewhere can tell a history that was made anew. */
  readonly head: Pick<AuditHead, 'sequence' | 'hash'>;
}

/** Makes space, or takes a right away: to be possible on a full disk. */
const FREEING: readonly string[] = ['delete', 'erase', 'capture-delete', 'token-revoke'];

export class AuditLog implements AuditTrail {
  readonly #options: AuditLogOptions;
  readonly #repeats: Repeats;
  /** The chain of the file as it was when it was read last. */
  #known: { readonly of: string; readonly chain: Chain } | undefined;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#repeats = new Repeats(options.clock);
    options.reserve.take();
  }

  /** An act that only looks is written down once a minute for the same actor and facts (repeats.ts). */
  async record(act: AuditedAct): Promise<void> {
    if (this.#repeats.isRepeat(act)) return;
    const { reserve } = this.#options;
    try {
      this.#append(act);
    } catch (error) {
      const known = auditError(error);
      if (known.code !== 'full' || !FREEING.includes(act.act)) throw known;
      reserve.release();
      this.#append(act);
    }
    this.#repeats.written(act);
    reserve.take();
  }

  /** Entries newest first, a page at a time, and the state of the whole chain. Rejects with AuditError. */
  async page({ limit, before = Infinity, actor, act }: AuditQuery): Promise<AuditSlice> {
    try {
      const { chain, head } = await this.#chain();
      const { whole, broken, places } = chain;
      const older = places.filter(({ sequence }) => sequence < before).toReversed();
      const entries: AuditEntry[] = [];
      await this.#opened(async (opened) => {
        for (const place of older) {
          if (entries.length > limit) break;
          const entry = await entryAt(opened, place);
          if (entry !== undefined && isAsked(entry, { actor, act })) entries.push(entry);
        }
      });
      const shown = entries.slice(0, limit);
      const last = shown.at(-1);
      return {
        entries: shown,
        ...(entries.length > limit && last !== undefined && { next: last.sequence }),
        chain: { whole, entries: chain.entries, ...(broken !== undefined && { broken }) },
        head: { sequence: head.sequence, hash: head.hash },
      };
    } catch (error) {
      throw auditError(error);
    }
  }

  close(): void {
    this.#options.head.close();
  }

  #append(act: AuditedAct): void {
    try {
      this.#alone((file, head) => ({ head: file.write(head, act), result: undefined }));
    } catch (error) {
      throw auditError(error);
    }
  }

  /** With the file to itself, when nothing stands behind the head any more. */
  #alone<Result>(use: (file: OpenFile, head: AuditHead) => Held<Result>): Result {
    const { file, head, key, clock } = this.#options;
    return head.hold((noted) => {
      const opened = new OpenFile(file, key, clock);
      try {
        const undo = (): void => opened.undo();
        return { ...use(opened, opened.settle(noted)), undo };
      } catch (error) {
        opened.undo();
        throw error;
      } finally {
        opened.close();
      }
    });
  }

  async #chain(): Promise<{ readonly chain: Chain; readonly head: AuditHead }> {
    const { file, key } = this.#options;
    const head = this.#alone((_file, settled) => ({ head: settled, result: settled }));
    const { size, ino, ctimeMs } = await stat(file);
    const of = `${ino} ${size} ${ctimeMs} ${head.sequence} ${head.hash}`;
    if (this.#known?.of !== of) {
      const reader = new ChainReader(key);
      await this.#opened(async (opened) => {
        if (head.size > 0) for await (const line of linesOf(opened, head.size)) reader.line(line);
      });
      this.#known = { of, chain: reader.end(head) };
    }
    return { chain: this.#known.chain, head };
  }

  async #opened<Result>(use: (file: FileHandle) => Promise<Result>): Promise<Result> {
    const opened = await open(this.#options.file, 'r');
    try {
      return await use(opened);
    } finally {
      await opened.close();
    }
  }
}

async function entryAt(file: FileHandle, { offset, length }: Chain['places'][number]): Promise<AuditEntry | undefined> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, offset);
  return readEntry(bytes.toString('utf8'));
}

function isAsked(entry: AuditEntry, { actor, act }: Pick<AuditQuery, 'actor' | 'act'>): boolean {
  return (actor === undefined || entry.actor === actor) && (act === undefined || entry.act === act);
}

/** Lines of the first `size` bytes, without their line feeds. */
async function* linesOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of file.createReadStream({ end: size - 1, autoClose: false }) as AsyncIterable<Buffer>) {
    let text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
      yield text.subarray(0, end);
      text = text.subarray(end + 1);
    }
    rest = text;
  }
}
