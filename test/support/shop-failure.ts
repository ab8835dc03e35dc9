/** One failure of the shop, recorded through real Envoy sidecars. */
import { join } from 'node:path';
import { DEFAULT_MIX } from '../../examples/shop/run/deck.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import type { LoopApi } from '../../src/api/port.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { envoyPath } from './envoy.ts';
import { patient } from './patient.ts';
import { redisPath } from './redis.ts';
import type { TestLoopd } from './test-loopd.ts';
import { allFailures } from './test-loopd.ts';
import { until } from './until.ts';

/** On a machine that has no time for them, sidecars let traffic pass unrecorded, by design: then there is another round. */
const ROUNDS = 5;
const HOPS = ['gateway', 'orders', 'pricing', 'promotions'];

export interface ShopFailureOptions {
  /** For what the shop writes. */
  readonly directory: string;
  readonly daemon: TestLoopd;
  /** Requests of which most are good, before: without them nobody knows what a good answer is. By default none. */
  readonly good?: number;
}

/** Shop and loopd have stopped when it resolves. */
export async function recordShopFailure({ directory, daemon, good = 0 }: ShopFailureOptions): Promise<LoopId> {
  const shop = await startShop({
    directory: join(directory, 'shop'),
    sinkAddress: `unix:${daemon.sink.path}`,
    envoyPath: envoyPath(),
    redisPath: redisPath(),
    log: () => undefined,
    bend: patient,
  });
  try {
    return await failure(shop.entryUrl, daemon.api, good);
  } finally {
    await shop.stop();
    await daemon.loopd.stop();
  }
}

async function failure(entryUrl: string, api: LoopApi, good: number): Promise<LoopId> {
  const pace = { entryUrl, perSecond: 20, customers: 2 };
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (good > 0) await sendTraffic({ ...pace, requests: good, seed: round, mix: DEFAULT_MIX });
    const { failed } = await sendTraffic({
      ...pace,
      requests: 40,
      seed: round,
      mix: { ...DEFAULT_MIX, giftOrder: 10 },
    });
    if (failed.length === 0) continue;
    const listed = await until(
      () => allFailures(api),
      (loops) => loops.some(isWhole),
      10_000,
    ).catch(() => []);
    const found = listed.find(isWhole);
    if (found !== undefined) return found.id;
  }
  throw new Error(`In ${ROUNDS} rounds no failure was recorded whole: ${JSON.stringify(await allFailures(api))}`);
}

/** From the customer's request to the statement that failed. */
function isWhole({ path, origin, services, holes, commands }: LoopSummary): boolean {
  return (
    path === '/orders' &&
    origin?.service === 'pricing' &&
    HOPS.every((hop) => services.includes(hop)) &&
    holes.length === 0 &&
    commands > 0
  );
}
