// The shop under load: the loops kept are exactly what its services say they failed, each complete; and every message that left an Envoy is accounted for.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerEntry } from '../../examples/shop/run/ledger.ts';
import { DEFAULT_MIX } from '../../examples/shop/run/deck.ts';
import type { Shop } from '../../examples/shop/run/shop.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { envoyPath } from '../support/envoy.ts';
import { redisPath } from '../support/redis.ts';
import { patient } from '../support/patient.ts';
import { differences, failedTraces, unmatched } from '../support/shop-ledger.ts';
import { sidecarCounts } from '../support/shop-sidecars.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const REQUESTS = 700;
const PER_SECOND = 35;

describe('a shop in which now and then something fails', () => {
  let daemon: TestLoopd;
  let shop: Shop;
  let ledger: readonly LedgerEntry[];
  let loops: readonly LoopSummary[];

  beforeAll(async () => {
    daemon = await startTestLoopd();
    shop = await startShop({
      directory: join(daemon.data, 'shop'),
      sinkAddress: `unix:${daemon.sink.path}`,
      envoyPath: envoyPath(),
      redisPath: redisPath(),
      log: () => undefined,
      bend: patient,
    });
    const mix = { ...DEFAULT_MIX, giftOrder: 6, partnerOffer: 6 };
    await sendTraffic({ entryUrl: shop.entryUrl, requests: REQUESTS, perSecond: PER_SECOND, seed: 5, mix });
    ledger = shop.ledger();
    // Whether they all came, and if not, which did not, is what the tests say.
    loops = await until(
      () => allFailures(daemon.api),
      (listed) => listed.length >= failedTraces(ledger).size,
    ).catch(() => allFailures(daemon.api));
  });

  afterAll(async () => {
    await shop.stop();
    await daemon.close();
  });

  test('the sidecars let nothing pass unrecorded', async () => {
    expect((await sidecarCounts(shop)).unrecorded).toBe(0);
  });

  test('what failed by the ledger is kept, once, and nothing else', () => {
    expect(failedTraces(ledger).size).toBeGreaterThan(20);
    expect(unmatched(ledger, loops)).toEqual([]);
    expect(new Set(loops.map((loop) => loop.outcome))).toEqual(new Set(['failed', 'swallowed']));
  });

  test('each loop is whole, and says of every service what its ledger says', async () => {
    const traces = failedTraces(ledger);
    const found: string[] = [];
    for (const loop of loops) {
      const entries = traces.get(loop.transaction.replace('trace:', '')) ?? [];
      const { transaction } = await openLoop(daemon.api, loop.id);
      found.push(...differences(entries, loop, transaction));
    }
    expect(found).toEqual([]);
  });

  test('one bug is one fingerprint', () => {
    const found = new Set(loops.map(({ origin, fingerprint }) => `${origin?.service} ${fingerprint}`));
    expect(found.size).toBe(2);
  });

  test('every message that left an Envoy has arrived, and has one fate', async () => {
    const { sent, calls } = await sidecarCounts(shop);
    const counters = await until(
      () => daemon.loopd.stats()?.counters,
      (seen) => seen?.messages === sent,
    );
    expect(counters).toMatchObject({ callsOpened: calls, faults: 0 });
    const { received, ...fates } = daemon.loopd.stats()?.recorder.fates ?? {};
    const sum = (unit: 'segments' | 'bytes'): number =>
      Object.values(fates).reduce((total, tally) => total + tally[unit], 0);
    expect({ segments: sum('segments'), bytes: sum('bytes') }).toEqual(received);
    expect(fates).toMatchObject({ shed: { segments: 0 }, overwritten: { segments: 0 } });
    // A segment for each message, for the opening of each call, for its end, and for each entry of an access log: all have ended once the
    // sidecars are gone.
    await shop.stop();
    const last = await until(
      () => daemon.loopd.stats(),
      (seen) => seen !== undefined && seen.counters.connectionsOpened === seen.counters.connectionsClosed,
    );
    expect(last?.recorder.fates.received.segments).toBe(
      (last?.counters.messages ?? 0) + 2 * (last?.counters.callsOpened ?? 0) + (last?.counters.logs.entries ?? 0),
    );
    expect(await metric(daemon, 'loop_recorder_segments{fate="received"}')).toBe(
      last?.recorder.fates.received.segments,
    );
    expect(daemon.complaints).toEqual([]);
  });
});

async function metric({ loopd }: TestLoopd, name: string): Promise<number> {
  const answer = await fetch(new URL('/metrics', loopd.apiUrl), {
    headers: { authorization: `Bearer ${loopd.token}` },
  });
  const line = (await answer.text()).split('\n').find((text) => text.startsWith(name));
  return Number(line?.slice(name.length));
}
