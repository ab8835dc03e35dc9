/**
 * The keys of a transaction. Nearly all have a trace and a request id: those two lie in the entry itself, with their hashes, as the table of keys
 * has them (key-table.ts). So it is taken out of there without a look at the keys.
 */
import type { TransactionKey } from '../domain/ids.ts';
import type { Entry } from './entry.ts';

/** In the order they were shown. */
export function keysOf({ firstKey, secondKey, moreKeys }: Entry): readonly TransactionKey[] {
  if (firstKey === undefined) return [];
  if (secondKey === undefined) return [firstKey];
  return moreKeys === undefined ? [firstKey, secondKey] : [firstKey, secondKey, ...moreKeys];
}

export function hasKey({ firstKey, secondKey, moreKeys }: Entry, key: TransactionKey): boolean {
  return firstKey === key || secondKey === key || moreKeys?.includes(key) === true;
}

export function addKey(entry: Entry, key: TransactionKey, hash: number): void {
  if (entry.firstKey === undefined) {
    entry.firstKey = key;
    entry.firstHash = hash;
  } else if (entry.secondKey === undefined) {
    entry.secondKey = key;
    entry.secondHash = hash;
  } else (entry.moreKeys ??= []).push(key);
}

export function dropKey(entry: Entry, key: TransactionKey, hashOf: (key: TransactionKey) => number): void {
  const rest = keysOf(entry).filter((one) => one !== key);
  entry.firstKey = entry.secondKey = entry.moreKeys = undefined;
  for (const one of rest) addKey(entry, one, hashOf(one));
}

export function isTrace(key: TransactionKey): boolean {
  // `trace:` or `request:`.
  return key.charCodeAt(0) === TRACE;
}

const TRACE = 't'.charCodeAt(0);

export function traceOf(entry: Entry): TransactionKey | undefined {
  return keysOf(entry).find(isTrace);
}

/** A trace names a transaction before a request id does. Undefined only for an entry without keys, which nothing makes. */
export function nameOf(entry: Entry): TransactionKey | undefined {
  return traceOf(entry) ?? entry.firstKey;
}
