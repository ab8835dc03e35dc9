import { expect, it } from 'vitest';
import type { HeadMatcher } from '../../../src/history/search.ts';
import { findHeader } from '../../../src/wire/extproc/headers.ts';
import { HistoryBench } from '../../support/history.ts';
import { traceKey } from '../../support/recorder.ts';

const byUser =
  (user: string): HeadMatcher =>
  (message, { valueStart, valueEnd }) =>
    findHeader(message, valueStart, valueEnd, 'x-user') === user;

async function twoUsers(): Promise<HistoryBench> {
  const held = await HistoryBench.start();
  held.bench.exchange('carts', '/carts/1', 200, { trace: 'a', headers: { 'x-user': 'ann' } });
  held.age(1_300_000);
  held.bench.exchange('carts', '/carts/2', 200, { trace: 'b', headers: { 'x-user': 'bob' } });
  held.bench.exchange('carts', '/carts/3', 200, { trace: 'c', headers: { 'x-user': 'ann' } });
  held.age(1_300_000);
  await held.written(1);
  return held;
}

it('finds the transactions whose request heads match, newest block first, and they can be asked for', async () => {
  const held = await twoUsers();
  const found = await Array.fromAsync(held.history.search(byUser('ann')), ({ note }) => note.keys);
  expect(found).toEqual([[traceKey('c')], [traceKey('a')]]);
  held.bench.recorder.keep(traceKey('a'));
  expect(await held.failures()).toHaveLength(1);
});

it('ends when it is told to', async () => {
  const held = await twoUsers();
  const enough = new AbortController();
  const found: string[] = [];
  for await (const { note } of held.history.search(byUser('ann'), enough.signal)) {
    found.push(...note.keys);
    enough.abort();
  }
  expect(found).toEqual([traceKey('c')]);
});
