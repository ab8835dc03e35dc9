// A shop whose sidecars land on two workers: what fails is one loop, whole, although neither recorder has all of it.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MIX } from '../../examples/shop/run/deck.ts';
import type { LedgerEntry } from '../../examples/shop/run/ledger.ts';
import type { Shop } from '../../examples/shop/run/shop.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import { shardOf, shardPath } from '../../src/domain/shard.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { envoyPath } from '../support/envoy.ts';
import { patient } from '../support/patient.ts';
import { redisPath } from '../support/redis.ts';
import { differences, failedTraces, unmatched } from '../support/shop-ledger.ts';
import { sidecarCounts } from '../support/shop-sidecars.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

describe('a shop on two workers', () => {
  let daemon: TestLoopd;
  let shop: Shop;
  let ledger: readonly LedgerEntry[];
  let loops: readonly LoopSummary[];

  beforeAll(async () => {
    daemon = await startTestLoopd({ recorder: { workers: 2 } });
    const { path } = daemon.sink;
    shop = await startShop({
      directory: join(daemon.data, 'shop'),
      sinkAddress: `unix:${path}`,
      envoyPath: envoyPath(),
      redisPath: redisPath(),
      log: () => undefined,
      bend: (yaml) => patient(yaml).replaceAll(path, shardPath(path, shardIn(yaml))),
    });
    const mix = { ...DEFAULT_MIX, giftOrder: 25, partnerOffer: 15 };
    await sendTraffic({ entryUrl: shop.entryUrl, requests: 80, perSecond: 20, seed: 5, mix });
    ledger = shop.ledger();
    loops = await until(
      () => allFailures(daemon.api),
      (listed) => listed.length >= failedTraces(ledger).size,
    ).catch(() => allFailures(daemon.api));
  });

  afterAll(async () => {
    await shop.stop();
    await daemon.close();
  });

  test('what failed by the ledger is kept, once, and nothing else', async () => {
    expect((await sidecarCounts(shop)).unrecorded).toBe(0);
    expect(failedTraces(ledger).size).toBeGreaterThan(10);
    expect(unmatched(ledger, loops)).toEqual([]);
  });

  test('each loop is whole, with what the other worker has of it', async () => {
    const traces = failedTraces(ledger);
    const different = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for (const loop of await allFailures(daemon.api)) {
        const entries = traces.get(loop.transaction.replace('trace:', '')) ?? [];
        const { transaction } = await openLoop(daemon.api, loop.id);
        found.push(...differences(entries, loop, transaction));
      }
      return found;
    };
    // The other half comes once the first one is a loop.
    expect(await until(different, (found) => found.length === 0).catch(different)).toEqual([]);
  });

  test('and has segments of both recorders', async () => {
    const recorders = await Promise.all(
      loops.map(async ({ id }) => {
        const { transaction } = await openLoop(daemon.api, id);
        return new Set(transaction.exchanges.map((exchange) => exchange.id.split('.')[0])).size;
      }),
    );
    expect(new Set(recorders)).toEqual(new Set([2]));
  });

  test('each instance keeps to one worker, and numbers are sums', async () => {
    const { sent, calls } = await sidecarCounts(shop);
    const stats = await until(
      () => daemon.loopd.stats(),
      (seen) => seen?.counters.messages === sent,
    );
    expect(stats?.counters).toMatchObject({ callsOpened: calls, faults: 0 });
    expect(stats).toMatchObject({ splitInstances: 0 });
    expect(stats?.recorder.sidecars).toHaveLength(shop.services.length);
    expect(daemon.complaints).toEqual([]);
  });
});

/** As `loopctl envoy config --sink-shards` would have it, of a printed configuration. */
function shardIn(yaml: string): number {
  const service = /cluster: ([a-z]+)/.exec(yaml)?.[1] ?? '';
  return shardOf(service, `${service}-1`);
}
