import { expect, it } from 'vitest';
import { createCounters } from '../../../src/ingest/counters.ts';
import { longestReach, splitInstances, unitedStats } from '../../../src/ingest/group-stats.ts';
import type { IngestStats } from '../../../src/ingest/messages.ts';
import type { SeenSidecar } from '../../../src/recorder/instances.ts';
import { Bench } from '../../support/recorder.ts';

function statsOf(sidecars: readonly SeenSidecar[], historySeconds: number, max: number): IngestStats {
  const counters = createCounters();
  counters.callsOpened = 3;
  counters.logs.entries = 2;
  counters.refused.protocol = 1;
  const recorder = { ...new Bench().recorder.stats(), transactions: 7, historySeconds, sidecars };
  const shedding = { ...recorder.shedding, level: 2, share: max / 10, exchanges: 4 } as const;
  const load = { busy: max / 10, lateMs: 0, fullReads: 0, elapsedMs: 250 };
  const loopDelayMs = { p50: 1, p99: max / 2, max, stalled: max * 10 };
  return { counters, recorder: { ...recorder, shedding }, loopDelayMs, load, heapBytes: 10 };
}

const at = (instance: string, lastSeenAt: number): SeenSidecar => ({ service: 'orders', instance, lastSeenAt });

it('counts are summed, however deep; reach is the shortest, lateness the longest, and sidecars are told once', () => {
  const one = statsOf([at('orders-1', 1000)], 30, 8);
  const other = statsOf([at('orders-2', 2000), at('orders-1', 3000)], 20, 4);
  expect(unitedStats([one, other])).toMatchObject({
    counters: { callsOpened: 6, logs: { entries: 4 }, refused: { protocol: 2, method: 0 } },
    recorder: {
      transactions: 14,
      historySeconds: 20,
      shedding: { level: 2, share: 0.8, exchanges: 8 },
      sidecars: [at('orders-1', 3000), at('orders-2', 2000)],
    },
    loopDelayMs: { p50: 1, p99: 4, max: 8, stalled: 80 },
    load: { busy: 0.8 },
    heapBytes: 20,
  });
});

it('who holds nothing yet does not shorten the reach; what is erased may be held by the one that reaches longest', () => {
  const all = [statsOf([], 30, 8), statsOf([], 0, 8), statsOf([], 20, 8)] as const;
  expect(unitedStats(all).recorder.historySeconds).toBe(20);
  expect(longestReach(all)).toBe(30);
  expect(unitedStats([statsOf([], 0, 8), statsOf([], 0, 8)]).recorder.historySeconds).toBe(0);
  expect(longestReach([])).toBeUndefined();
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
