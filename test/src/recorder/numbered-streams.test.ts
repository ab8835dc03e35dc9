import { expect, test } from 'vitest';
import { Instances } from '../../../src/recorder/instances.ts';
import { NumberedStreams } from '../../../src/recorder/numbered-streams.ts';
import { createStream } from '../../../src/recorder/streams.ts';
import type { Stream } from '../../../src/recorder/streams.ts';
import { vantage } from '../../support/transaction.ts';

const instance = new Instances().acquire(vantage('orders'), 0);
const call = { metadata: [], vantage: vantage('orders'), protocol: 'http' };

function filled(count: number): { readonly table: NumberedStreams; readonly streams: readonly Stream[] } {
  const table = new NumberedStreams();
  const streams = Array.from({ length: count }, (_none, index) =>
    createStream(index + 1, call, instance, undefined, 0),
  );
  for (const stream of streams) table.add(stream);
  return { table, streams };
}

test('a stream is found by its number as long as it is there, many tables later too', () => {
  const { table, streams } = filled(5000);
  expect(table.size).toBe(5000);
  expect(streams.filter((stream) => table.get(stream.number) !== stream)).toEqual([]);
  expect([0, 5001, 1_000_000].map((number) => table.get(number))).toEqual([undefined, undefined, undefined]);
  for (const stream of streams) if (stream.number % 7 > 0) table.delete(stream);
  const left = streams.filter(({ number }) => table.get(number) !== undefined);
  expect(left.map(({ number }) => number % 7)).toEqual(Array<number>(714).fill(0));
  expect(table.size).toBe(714);
});

test('one that has left leaves once', () => {
  const { table, streams } = filled(3);
  for (const stream of [...streams, ...streams]) table.delete(stream);
  expect(table.size).toBe(0);
});
