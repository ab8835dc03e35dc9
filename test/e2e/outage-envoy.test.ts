// The shop on real Envoys when every order meets the bug: kept as the budget says, whole by the services' own ledgers, and counted all.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerEntry } from '../../examples/shop/run/ledger.ts';
import type { Shop } from '../../examples/shop/run/shop.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import type { FingerprintSummary } from '../../src/domain/fingerprint.ts';
import { envoyPath } from '../support/envoy.ts';
import { redisPath } from '../support/redis.ts';
import { patient } from '../support/patient.ts';
import { differences, failedTraces } from '../support/shop-ledger.ts';
import { sidecarCounts } from '../support/shop-sidecars.ts';
import { allKept, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const REQUESTS = 400;
const PER_SECOND = 50;
const CUSTOMERS = 32;
const BUDGET = 5;
/** A machine with other work brings what belongs together so far apart: this is about counting, not about what comes late. */
const SETTLE_MS = 4000;

const sum = (all: readonly FingerprintSummary[]): number => all.reduce((total, { seen }) => total + seen, 0);

describe('a shop in which every order of a gift fails', () => {
  let daemon: TestLoopd;
  let shop: Shop;
  let ledger: readonly LedgerEntry[];
  let counted: readonly FingerprintSummary[];

  beforeAll(async () => {
    daemon = await startTestLoopd({ loopsPerHour: BUDGET, recorder: { settleMs: SETTLE_MS } });
    shop = await startShop({
      directory: join(daemon.data, 'shop'),
      sinkAddress: `unix:${daemon.sink.path}`,
      envoyPath: envoyPath(),
      redisPath: redisPath(),
      log: () => undefined,
      bend: patient,
    });
    await sendTraffic({
      entryUrl: shop.entryUrl,
      requests: REQUESTS,
      perSecond: PER_SECOND,
      customers: CUSTOMERS,
      seed: 3,
      mix: { giftOrder: 1 },
    });
    ledger = shop.ledger();
    const failed = failedTraces(ledger).size;
    const list = () => daemon.api.fingerprints({ limit: 50 });
    counted = await until(list, (listed) => sum(listed) >= failed).catch(list);
  });

  afterAll(async () => {
    await shop.stop();
    await daemon.close();
  });

  test('every failure is counted, once', async () => {
    expect((await sidecarCounts(shop)).unrecorded).toBe(0);
    expect(failedTraces(ledger).size).toBeGreaterThan(REQUESTS / 10);
    expect(sum(counted)).toBe(failedTraces(ledger).size);
  });

  test('as many are kept as the budget says, each whole by the ledgers', async () => {
    const loops = await allKept(daemon.api, counted);
    for (const { fingerprint, kept } of counted) {
      expect(kept).toBeLessThanOrEqual(BUDGET);
      expect(loops.filter((loop) => loop.fingerprint === fingerprint)).toHaveLength(kept);
    }
    expect(Math.max(...counted.map(({ kept }) => kept))).toBe(BUDGET);
    const traces = failedTraces(ledger);
    const found: string[] = [];
    for (const loop of loops) {
      const entries = traces.get(loop.transaction.replace('trace:', '')) ?? [];
      const { transaction } = await openLoop(daemon.api, loop.id);
      found.push(...differences(entries, loop, transaction));
    }
    expect(found).toEqual([]);
  });

  test('most of them cost no more than counting', () => {
    const { brake, fates } = daemon.loopd.stats()?.recorder ?? {};
    expect(brake?.counted).toBeGreaterThan(0);
    const { received, ...all } = fates ?? {};
    expect(Object.values(all).reduce((total, { segments }) => total + segments, 0)).toBe(received?.segments);
    expect(daemon.complaints).toEqual([]);
  });
});
