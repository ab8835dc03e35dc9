import { expect, test } from 'vitest';
import { Instances } from '../../../src/recorder/instances.ts';
import { StreamSet } from '../../../src/recorder/stream-set.ts';
import { Stream } from '../../../src/recorder/streams.ts';
import { vantage } from '../../support/transaction.ts';

const instance = new Instances().acquire(vantage('orders'), 0);
const call = { metadata: [], vantage: vantage('orders'), protocol: 'http' };
const [a, b, c] = [1, 2, 3].map((number) => new Stream(number, call, instance, undefined, 0)) as [
  Stream,
  Stream,
  Stream,
];
const numbers = (set: StreamSet): readonly number[] => Array.from(set, ({ number }) => number);

test('it is what a Set is, for one stream and for more', () => {
  const set = new StreamSet();
  expect([set.size, numbers(set), set.has(a)]).toEqual([0, [], false]);
  set.add(a);
  set.add(a);
  set.delete(b);
  expect([set.size, numbers(set), set.has(a), set.has(b)]).toEqual([1, [1], true, false]);
  set.add(b);
  set.add(c);
  set.add(b);
  expect([set.size, numbers(set), set.has(a), set.has(b)]).toEqual([3, [1, 2, 3], true, true]);
  set.delete(b);
  expect([set.size, numbers(set), set.has(b)]).toEqual([2, [1, 3], false]);
  set.clear();
  expect([set.size, numbers(set)]).toEqual([0, []]);
  set.add(c);
  set.delete(c);
  expect([set.size, numbers(set)]).toEqual([0, []]);
});

test('streams may leave while it is gone through', () => {
  for (const streams of [[a], [a, b, c]]) {
    const set = new StreamSet();
    for (const stream of streams) set.add(stream);
    const left: Stream[] = [];
    for (const stream of set) {
      set.delete(stream);
      left.push(stream);
    }
    expect([left, set.size]).toEqual([streams, 0]);
  }
});
