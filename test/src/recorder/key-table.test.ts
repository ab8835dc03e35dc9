import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTransactionKey } from '../../../src/domain/ids.ts';
import type { TransactionKey } from '../../../src/domain/ids.ts';
import { Entry } from '../../../src/recorder/entry.ts';
import { addKey, hasKey } from '../../../src/recorder/entry-keys.ts';
import { KeyTable } from '../../../src/recorder/key-table.ts';

function keyOf(number: number): TransactionKey {
  const key = parseTransactionKey(`request:${number}`);
  if (key === undefined) throw new Error(`${number} makes no key.`);
  return key;
}

function entryOf(key: TransactionKey): Entry {
  const entry = new Entry(0);
  addKey(entry, key, 0);
  return entry;
}

class Entries extends KeyTable<TransactionKey, Entry> {
  constructor(seed: number) {
    super(seed, hasKey);
  }
}

/** Of so many hashes only: keys meet in one place, and go round the end of the table. */
class Crowded extends Entries {
  override hashOf(key: TransactionKey): number {
    return (super.hashOf(key) & 3) - 2 || 1;
  }
}

test.each([Entries, Crowded])('%o finds what a Map finds', (Table) => {
  const step = fc.tuple(fc.constantFrom('put', 'delete'), fc.nat(40));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new Table(1);
      const expected = new Map<TransactionKey, Entry>();
      for (const [what, number] of steps) {
        const key = keyOf(number);
        const entry = expected.get(key);
        if (what === 'put') {
          const made = entryOf(key);
          table.put(key, table.hashOf(key), made);
          expected.set(key, made);
        } else {
          if (entry !== undefined) table.deleteOne(table.hashOf(key), entry);
          expected.delete(key);
        }
      }
      for (let number = 0; number <= 40; number++) expect(table.get(keyOf(number))).toBe(expected.get(keyOf(number)));
      expect(new Set(table.items())).toEqual(new Set(expected.values()));
    }),
  );
});

test('it grows', () => {
  const table = new Entries(-1);
  const entries = Array.from({ length: 20_000 }, (_none, number) => entryOf(keyOf(number)));
  for (const [number, entry] of entries.entries()) table.put(keyOf(number), table.hashOf(keyOf(number)), entry);
  expect(entries.filter((entry, number) => table.get(keyOf(number)) !== entry)).toEqual([]);
  expect(table.get(keyOf(20_000))).toBeUndefined();
});

test.each([1, 2 ** 24, 2 ** 31, 2 ** 32])('keys that meet under one seed do not under another: %i', (seed) => {
  const keys = Array.from({ length: 20_000 }, (_none, number) => keyOf(number));
  const meeting = (table: Entries, pairs: readonly (readonly [TransactionKey, TransactionKey])[]) =>
    pairs.filter(([key, other]) => ((table.hashOf(key) ^ table.hashOf(other)) & 0xf_ffff) === 0);
  const known = new Entries(0);
  const places = new Map<number, TransactionKey>();
  const chosen = keys.flatMap((key) => {
    const place = known.hashOf(key) & 0xf_ffff;
    const there = places.get(place);
    places.set(place, key);
    return there === undefined ? [] : [[key, there] as const];
  });
  expect(meeting(known, chosen).length).toBeGreaterThan(100);
  expect(meeting(new Entries(seed), chosen).length).toBeLessThan(3);
});

test('every character and every length tells, in all bits', () => {
  const table = new Entries(3);
  const texts = ['request:aaaa', 'request:aaab', 'request:aaa', 'request:aaaaa', 'request:baaa', 'request:aaaaaaaa'];
  const hashes = texts.map((text) => table.hashOf(text as TransactionKey));
  expect(new Set(hashes).size).toBe(texts.length);
  for (const bit of [0, 8, 16, 24, 31]) {
    const set = Array.from({ length: 1000 }, (_none, number) => (table.hashOf(keyOf(number)) >>> bit) & 1);
    expect(Math.abs(set.filter((one) => one === 1).length - 500)).toBeLessThan(100);
  }
});
