import { expect, it } from 'vitest';
import { createCounters } from '../../../src/ingest/counters.ts';
import { splitInstances, unitedStats } from '../../../src/ingest/group-stats.ts';
import type { IngestStats } from '../../../src/ingest/messages.ts';
import type { SeenSidecar } from '../../../src/recorder/instances.ts';
import { Bench } from '../../support/recorder.ts';

function statsOf(sidecars: readonly SeenSidecar[], historySeconds: number, max: number): IngestStats {
  const counters = createCounters();
  counters.callsOpened = 3;
  counters.logs.entries = 2;
  counters.refused.protocol = 1;
  const recorder = { ...new Bench().recorder.stats(), transactions: 7, historySeconds, sidecars };
  return { counters, recorder, loopDelayMs: { mean: 1, p99: max / 2, max }, heapBytes: 10 };
}

const at = (instance: string, lastSeenAt: number): SeenSidecar => ({ service: 'orders', instance, lastSeenAt });

it('counts are summed, however deep; reach is the shortest, lateness the longest, and sidecars are told once', () => {
  const one = statsOf([at('orders-1', 1000)], 30, 8);
  const other = statsOf([at('orders-2', 2000), at('orders-1', 3000)], 20, 4);
  expect(unitedStats([one, other])).toMatchObject({
    counters: { callsOpened: 6, logs: { entries: 4 }, refused: { protocol: 2, method: 0 } },
    recorder: { transactions: 14, historySeconds: 20, sidecars: [at('orders-1', 3000), at('orders-2', 2000)] },
    loopDelayMs: { mean: 1, p99: 4, max: 8 },
    heapBytes: 20,
  });
});

it('one worker’s numbers are what it said', () => {
  const one = statsOf([], 30, 8);
  expect(unitedStats([one])).toBe(one);
});

it('an instance that two workers hear of is found, one that has moved is not', () => {
  const one = statsOf([at('both', 100_000), at('moved', 10_000), at('mine', 100_000)], 1, 1);
  const other = statsOf([at('both', 90_000), at('moved', 100_000)], 1, 1);
  expect(splitInstances([one, other])).toEqual(['orders\0both']);
});
