/** Reads a whole audit, line by line, and tells where its chain breaks. Pure. */
import { createHash, type Hash } from 'node:crypto';
import type { AuditHead, AuditKey } from '../domain/audit.ts';
import { follows, readEntry } from './entry.ts';

/** Entry of a file whose head is gone: how far it reached before, nobody knows. */
export const HEAD_LOST = 'audit-head-lost';

/** First entry of a chain that continues a file without one: its digest covers the lines before. */
export const COVERS_OLDER = 'chain-begun';

export interface Chain {
  readonly whole: boolean;
  /** Entries of the chain that are there. */
  readonly entries: number;
  /** The first sequence whose entry is not there as it was written, or that tells that nobody can vouch for those before it. */
  readonly broken?: number;
  /** Where each entry begins, in bytes, and how long its line is. */
  readonly places: readonly Place[];
}

export interface Place {
  readonly sequence: number;
  readonly offset: number;
  readonly length: number;
}

/** Takes lines without their line feeds, in order. */
export class ChainReader {
  readonly #key: AuditKey;
  readonly #places: Place[] = [];
  readonly #older: Hash = createHash('sha256');
  #olderBytes = 0;
  #offset = 0;
  #sequence = 0;
  #hash = '';
  #broken: number | undefined;

  constructor(key: AuditKey) {
    this.#key = key;
  }

  line(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    const entry = readEntry(text);
    const offset = this.#offset;
    this.#offset += bytes.length + 1;
    if (entry === undefined) return this.#foreign(bytes);
    const { sequence, hash, act, about } = entry;
    const fits = sequence === this.#sequence + 1 && follows(text, this.#hash, this.#key);
    if (!fits || act === HEAD_LOST) this.#break();
    if (sequence === 1) this.#checkOlder(act === COVERS_OLDER ? about : {});
    this.#places.push({ sequence, offset, length: bytes.length });
    this.#sequence = sequence;
    this.#hash = hash;
  }

  /** `head`: what the file must reach. */
  end(head: AuditHead | undefined): Chain {
    if (head !== undefined && (head.sequence !== this.#sequence || head.hash !== this.#hash)) this.#break();
    const broken = this.#broken;
    return {
      whole: broken === undefined,
      entries: this.#places.length,
      ...(broken !== undefined && { broken }),
      places: this.#places,
    };
  }

  /** What is no entry may stand in front of the first one only, which covers it. */
  #foreign(bytes: Buffer): void {
    if (this.#places.length > 0) return this.#break();
    this.#older.update(bytes).update('\n');
    this.#olderBytes += bytes.length + 1;
  }

  #checkOlder({ bytes = 0, digest }: { readonly bytes?: unknown; readonly digest?: unknown }): void {
    const fits = bytes === this.#olderBytes && (bytes === 0 || digest === this.#older.copy().digest('hex'));
    if (!fits) this.#broken = 1;
  }

  #break(): void {
    this.#broken ??= this.#sequence + 1;
  }
}
