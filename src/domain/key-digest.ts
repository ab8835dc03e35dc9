import type { TransactionKey } from './ids.ts';

/** FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/. The second half begins elsewhere. */
const PRIME = 0x01000193;
const HALVES = [0x811c9dc5, 0x9e3779b9] as const;
const LOW_BITS = 0x1fffff;

/** 53 bits of a key: to count transactions once although several recorders have counted them, in numbers that travel light. */
export function digestOfKey(key: TransactionKey): number {
  let [low, high]: readonly [number, number] = HALVES;
  for (let index = 0; index < key.length; index += 1) {
    low = Math.imul(low ^ key.charCodeAt(index), PRIME);
    high = Math.imul(high ^ key.charCodeAt(index), PRIME);
  }
  return (high & LOW_BITS) * 0x1_0000_0000 + (low >>> 0);
}
