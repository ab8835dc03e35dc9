import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Entry } from '../../../src/recorder/entry.ts';
import { Instances } from '../../../src/recorder/instances.ts';
import { Orphans } from '../../../src/recorder/orphans.ts';
import { Stream } from '../../../src/recorder/streams.ts';
import { vantage } from '../../support/transaction.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const FOREVER = { from: 0, to: Infinity };

/** An instance, and how to let a call without context begin there; all of them are of one transaction. */
function beginning() {
  const instance = new Instances().acquire(vantage('orders', 'outbound'), 0);
  const entry = new Entry(0);
  const orphans = new Orphans();
  let number = 0;
  const begin = (): Stream => {
    number += 1;
    const call = { metadata: [], vantage: vantage('orders', 'outbound'), protocol: 'http' };
    const stream = new Stream(number, call, instance, undefined, number);
    stream.entry = entry;
    entry.streams.add(stream);
    orphans.add(stream);
    return stream;
  };
  return { begin, entry, begun: () => orphans.begunIn(instance, FOREVER, undefined).map((one) => one.number) };
}

test('the latest of what the index knows are remembered, in order', () => {
  const { begin, begun } = beginning();
  for (let count = 0; count < 5000; count++) begin();
  const remembered = begun();
  expect(remembered.length).toBeGreaterThanOrEqual(2048);
  expect(remembered.at(-1)).toBe(5000);
  expect(remembered).toEqual(remembered.toSorted((one, other) => one - other));
});

test('what the index has forgotten is let go of, though its instance lives on and an old exchange is still open', async () => {
  const { begin, entry, begun } = beginning();
  begin();
  const forgotten: WeakRef<Stream>[] = [];
  for (let count = 0; count < 1500; count++) {
    const stream = begin();
    entry.streams.delete(stream);
    forgotten.push(new WeakRef(stream));
  }
  // Whatever a WeakRef was made of lives until the end of its turn.
  await nextTurn();
  collectGarbage();
  expect(begun()).toEqual([1]);
  expect(forgotten.filter((one) => one.deref() !== undefined).length).toBeLessThan(100);
});
