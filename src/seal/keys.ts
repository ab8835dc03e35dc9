import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { ButtonKey } from '../domain/access.ts';
import type { AuditKey } from '../domain/audit.ts';

export const KEY_BYTES = 32;

/** The store's key: wraps the data keys of all its loops. `id` is 16 hex digits derived from the key, so a key proves its own name. */
export interface StoreKey {
  readonly kind: 'store-key';
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The key of one loop: encrypts its parts, and the redaction key is derived from it. */
export interface DataKey {
  readonly kind: 'data-key';
  readonly bytes: Uint8Array;
}

/** Makes the tokens of one loop's redacted view. */
export interface RedactionKey {
  readonly kind: 'redaction-key';
  readonly bytes: Uint8Array;
}

/** Makes digests of users, so that they can be counted and not told. */
export interface UserKey {
  readonly kind: 'user-key';
  readonly bytes: Uint8Array;
}

export function storeKey(bytes: Uint8Array): StoreKey {
  return { kind: 'store-key', id: keyCheck(bytes, 'loop store key').toString('hex'), bytes };
}

export function dataKey(bytes: Uint8Array): DataKey {
  return { kind: 'data-key', bytes };
}

/** Fresh from the system's generator: nonces and keys must never repeat, so this randomness does not come in from outside. */
export function newStoreKey(): StoreKey {
  return storeKey(randomBytes(KEY_BYTES));
}

export function newDataKey(): DataKey {
  return dataKey(randomBytes(KEY_BYTES));
}

/** 8 bytes that tell keys apart and give nothing of the key away. */
export function dataKeyCheck(key: DataKey): Buffer {
  return keyCheck(key.bytes, 'loop data key');
}

/** Whoever may open the loop can make the same tokens again: a replay tokenises what the service sends and compares. */
export function redactionKey(key: DataKey): RedactionKey {
  return { kind: 'redaction-key', bytes: derived(key, 'loop redaction') };
}

/** One store's digests say nothing in another. */
export function userKey(key: StoreKey): UserKey {
  return { kind: 'user-key', bytes: derived(key, 'loop users') };
}

export function buttonKey(key: StoreKey): ButtonKey {
  return { kind: 'button-key', bytes: derived(key, 'loop support button') };
}

/** Chains the entries of the audit. */
export function auditKey(key: StoreKey): AuditKey {
  return { kind: 'audit-key', bytes: derived(key, 'loop audit') };
}

/** For text about many loops at once (fingerprints), which belongs to no data key. */
export function storeRedactionKey(key: StoreKey): RedactionKey {
  return { kind: 'redaction-key', bytes: derived(key, 'loop store redaction') };
}

function derived(key: StoreKey | DataKey, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key.bytes, '', purpose, KEY_BYTES));
}

function keyCheck(key: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', key).update(purpose).digest().subarray(0, 8);
}
