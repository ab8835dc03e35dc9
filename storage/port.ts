import type { Fingerprint, LoopId } from '../src/domain/ids.ts';
import type { LoopSummary, RecordingPurpose } from '../src/domain/loop.ts';
import type { CaptureStore, Wish } from './captures.ts';
import type { FingerprintStore } from './fingerprints.ts';
import type { Identity, KeyStore } from './keys.ts';
import type { Subject, SubjectStore } from './subjects.ts';

/**
 * Where loops are kept. Everything that passes through here is already sealed (parts) or redacted (summary, view): the store
 * never sees a secret. Every method rejects with StorageError and nothing else; its `code` says which of these happened:
 * `full` (no space: nothing was changed, retry when space returns), `corrupt` (what is stored cannot be read), `not-found`,
 * `locked` (another process holds the store), `conflict` and `deleted` (see save), `io` (anything else of the device).
 */
export interface LoopStore extends FingerprintStore, CaptureStore, KeyStore, SubjectStore {
  /**
   * Makes the loop durable, then listed: when it resolves, the loop survives any crash. Saving an id again adds the parts
   * it does not have yet and replaces summary, view and companions (a late part of a transaction); another wrappedKey than the first is refused
   * with `conflict`, because the old parts could never be opened again. A deleted id is refused with `deleted`: late parts do not bring it back,
   only a person who takes it in again does (`restore`).
   */
  save(loop: SealedLoop, options?: SaveOptions): Promise<void>;
  /** Newest first. */
  list(query: StoreQuery): Promise<ListPage>;
  /** Ids that start with the prefix, at most `limit`. One that was redirected is found under the id it leads to. */
  findByPrefix(prefix: string, limit: number, within?: Within): Promise<readonly LoopId[]>;
  /** Of an id that was redirected, the loop it leads to. */
  get(id: LoopId): Promise<StoredLoop>;
  /** The sealed parts, in the order they were saved. */
  parts(id: LoopId): Promise<readonly SealedPart[]>;
  /** Removes every byte of it; an id that is not there is no error. */
  delete(id: LoopId, options?: DeleteOptions): Promise<void>;
  /** Recordings that serve replays of these services: their ambient profiles and exemplars. */
  companions(services: readonly string[]): Promise<readonly LoopId[]>;
  close(): Promise<void>;
}

/** Whom loops are shown to: services by name, `*` for any characters, of which one took part; undefined: all. */
export interface Within {
  /** Of loops of purpose `capture`. */
  readonly captures?: readonly string[] | undefined;
  readonly others?: readonly string[] | undefined;
}

export interface SaveOptions {
  /** Also when the id was deleted before. */
  readonly restore?: boolean;
  /** Also when it shows somebody who was erased after it began. */
  readonly ofErased?: boolean;
  /** Captures that want it; noted in the same act. */
  readonly wanted?: readonly Wish[];
  /** By which further parts find it. */
  readonly identity?: Identity;
  /** Users seen in it, added to those that are noted. Undefined: nobody has looked. */
  readonly subjects?: readonly Subject[] | undefined;
}

/** `again`: the id may be saved again. Nobody wished the transaction away; it was only not wanted any more. */
export interface DeleteOptions {
  readonly again?: boolean;
  /** Also when loops name it as their companion: they lose it. */
  readonly named?: boolean;
}

export interface SealedLoop extends StoredLoop {
  /** By what it is found, besides its summary. Replaced when it is saved again. */
  readonly search?: readonly SearchText[];
  readonly parts: readonly SealedPart[];
}

/** What one service said in a loop, as far as it is searched: redacted text. */
export interface SearchText {
  readonly service: string;
  readonly text: string;
}

export interface StoredLoop {
  readonly summary: LoopSummary;
  /** For `ambient` the service, for `exemplar` the route, else empty. */
  readonly subject: string;
  /** The loop's data key, wrapped under the store's key (src/seal). */
  readonly wrappedKey: Uint8Array;
  /** The readable, redacted view: JSON text. */
  readonly view: string;
  /** Ambient profiles and exemplars chosen when it was kept; they are not deleted while a loop names them. */
  readonly companions: readonly LoopId[];
}

/** One part (wire/segments/part.ts), encrypted under the loop's data key. `digest` (SHA-256 of the ciphertext, hex) makes saving idempotent and damage visible. */
export interface SealedPart {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

export interface ListQuery {
  readonly purpose: RecordingPurpose;
  readonly limit: number;
  /** From a former page's `next`. */
  readonly cursor?: string | undefined;
  readonly service?: string | undefined;
  readonly fingerprint?: Fingerprint | undefined;
  /** Only loops that began at or after this Unix ms. */
  readonly since?: number | undefined;
  /** And at or before this one. */
  readonly until?: number | undefined;
  readonly outcome?: LoopSummary['outcome'] | undefined;
  /** Of the entry: `502`, or `5xx`. */
  readonly status?: string | undefined;
  /** Of the entry, ids folded or not: `/orders/7`, `POST /orders/*`. */
  readonly route?: string | undefined;
  /** Of a service that took part: `pricing@1.2.0`. */
  readonly version?: string | undefined;
  /**
   * Words, each of which begins a word of what is shown of the loop: summary, addresses, statements, errors, bodies of what failed. Up to
   * eight; letters' case and accents do not count; one or two characters are a whole word.
   */
  readonly text?: string | undefined;
}

/** What is asked of the store on behalf of somebody. */
export interface StoreQuery extends ListQuery {
  /**
   * Services by name, `*` for any characters: only loops in which one of them took part, and only what these services said is looked at by
   * the other filters. Undefined: all.
   */
  readonly within?: readonly string[] | undefined;
}

export interface ListPage {
  readonly loops: readonly LoopSummary[];
  readonly next?: string;
}
