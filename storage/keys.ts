import type { LoopId, StreamId } from '../src/domain/ids.ts';

/** By which a loop is found again: digests of the keys its transaction came under. Rejects with StorageError as LoopStore does. */
export interface KeyStore {
  /**
   * Loops saved under any of these keys, also deleted ones for as long as they are refused. A trace decides. A request id matches only within
   * ten minutes, and not when both sides have traces and none in common: clients send constant ones.
   */
  findByKeys(keys: readonly KeyDigest[]): Promise<readonly FoundLoop[]>;
  /**
   * The loop `from` turned out to be a part of `into`, which has all its records by now: its bytes go, and whoever asks for `from` is led to
   * `into`. Not a deletion: what captures wanted, and its keys, pass on. An id that is not there is no error.
   */
  redirect(from: LoopId, into: LoopId): Promise<void>;
}

export interface KeyDigest {
  /** 32 hex digits. The store never sees the key. */
  readonly digest: string;
  readonly kind: 'trace' | 'request';
  /** When it was in use, Unix ms. */
  readonly at: number;
}

export interface FoundLoop {
  readonly loop: LoopId;
  /** The exchange at the top of its tree when it was first kept. */
  readonly root?: StreamId;
  /** A person deleted it. */
  readonly deleted: boolean;
}

/** Goes with `save`: the keys are added to those it has; the first root stays. */
export interface Identity {
  readonly keys: readonly KeyDigest[];
  readonly root?: StreamId;
}
