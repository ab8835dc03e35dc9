/** What crosses between a store on a thread of its own and whoever asks it. */
import type { StorageErrorCode } from '../errors.ts';
import type { LoopStore } from '../port.ts';

/** All that can be asked of a store: a method that is missing here does not compile. */
export const METHODS: Readonly<Record<keyof LoopStore, true>> = {
  save: true,
  list: true,
  findByPrefix: true,
  get: true,
  parts: true,
  delete: true,
  companions: true,
  close: true,
  countFailures: true,
  fingerprints: true,
  keptInHour: true,
  expireFingerprints: true,
  putCapture: true,
  captures: true,
  capturedLoops: true,
  wantedBy: true,
  unwant: true,
  capturedBytes: true,
  deleteCapture: true,
  findByKeys: true,
  redirect: true,
  loopsOf: true,
  subjectsOf: true,
  unnoted: true,
  noteSubjects: true,
  bury: true,
  isBuried: true,
  forgetSubject: true,
  nameOf: true,
};

export interface StoreConfig {
  readonly directory: string;
  readonly lockWaitMs?: number;
  /** Unix ms at its start. */
  readonly at: number;
}

/** A StorageError: errors that are cloned lose what is their own. */
export interface ToldError {
  readonly code: StorageErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

export type ToStore =
  /** To be answered with `done` or `failed` of the same number. `at`: Unix ms. */
  | {
      readonly kind: 'ask';
      readonly number: number;
      readonly at: number;
      readonly method: keyof LoopStore;
      readonly given: readonly unknown[];
    }
  | { readonly kind: 'hidden'; readonly number: number; readonly text: string };

export type FromStore =
  | { readonly kind: 'open' }
  /** It could not be opened, and the thread ends. */
  | { readonly kind: 'refused'; readonly error: ToldError }
  | { readonly kind: 'done'; readonly number: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly number: number; readonly error: ToldError }
  /** While `forgetSubject` of the number `of` runs: to be answered with `hidden`. */
  | { readonly kind: 'hide'; readonly number: number; readonly of: number; readonly text: string };
