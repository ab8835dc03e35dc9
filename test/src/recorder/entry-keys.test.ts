import { expect, test } from 'vitest';
import type { TransactionKey } from '../../../src/domain/ids.ts';
import { Entry } from '../../../src/recorder/entry.ts';
import { addKey, dropKey, hasKey, keysOf, nameOf, traceOf } from '../../../src/recorder/entry-keys.ts';

const TRACE = `trace:${'1'.repeat(32)}` as TransactionKey;
const [one, two, three] = ['request:1', 'request:2', 'request:3'] as [TransactionKey, TransactionKey, TransactionKey];

function entryOf(...keys: readonly TransactionKey[]) {
  const entry = new Entry(0);
  for (const key of keys) addKey(entry, key, key.length);
  return entry;
}

test.each([[[]], [[one]], [[one, TRACE]], [[TRACE, one, two, three]]])(
  'keys come out as they were shown: %j',
  (keys) => {
    const entry = entryOf(...keys);
    expect(keysOf(entry)).toEqual(keys);
    expect([TRACE, one, two, three].filter((key) => hasKey(entry, key)).toSorted()).toEqual(keys.toSorted());
  },
);

test('a key that is dropped leaves no hole, and each hash stays with its key', () => {
  const entry = entryOf(TRACE, one, two, three);
  dropKey(entry, one, (key) => key.length);
  expect(keysOf(entry)).toEqual([TRACE, two, three]);
  expect([entry.firstHash, entry.secondHash]).toEqual([TRACE.length, two.length]);
  dropKey(entry, three, (key) => key.length);
  expect(keysOf(entry)).toEqual([TRACE, two]);
});

test('a trace names it, else what was shown first', () => {
  expect(nameOf(entryOf(one, TRACE))).toBe(TRACE);
  expect(traceOf(entryOf(one, two))).toBeUndefined();
  expect(nameOf(entryOf(one, two))).toBe(one);
});
