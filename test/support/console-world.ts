/** A shop behind real Envoys, a loopd that keeps what fails in it, and its console in a real browser. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { DEFAULT_MIX } from '../../examples/shop/run/deck.ts';
import type { Shop } from '../../examples/shop/run/shop.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import { envoyPath } from './envoy.ts';
import { redisPath } from './redis.ts';
import type { TestLoopd } from './test-loopd.ts';
import { startTestLoopd } from './test-loopd.ts';
import { patient } from './patient.ts';

export interface ConsoleWorld extends AsyncDisposable {
  readonly daemon: TestLoopd;
  readonly shop: Shop;
  /** Customers who do what customers do; how many of their orders failed. */
  traffic(requests: number, seed: number): Promise<number>;
  /** Orders a gift until one fails: resolves when the customer has the answer, with the trace. */
  fail(seed: number): Promise<string>;
}

export async function startConsoleWorld(): Promise<ConsoleWorld> {
  await using opened = new AsyncDisposableStack();
  const daemon = await startTestLoopd();
  opened.defer(() => daemon.close());
  const shop = await startShop({
    directory: join(daemon.data, 'shop'),
    sinkAddress: `unix:${daemon.sink.path}`,
    envoyPath: envoyPath(),
    redisPath: redisPath(),
    log: () => undefined,
    bend: patient,
  });
  opened.defer(() => shop.stop());
  const pace = { entryUrl: shop.entryUrl, perSecond: 20, customers: 4 };
  const closing = opened.move();
  return {
    daemon,
    shop,
    async traffic(requests, seed) {
      const { failed } = await sendTraffic({ ...pace, requests, seed, mix: { ...DEFAULT_MIX, giftOrder: 5 } });
      return failed.length;
    },
    async fail(seed) {
      const over = new AbortController();
      const onProgress = (_sent: number, failed: number): void => void (failed > 0 && over.abort());
      const orders = { requests: MOST, customers: 1, seed, mix: { giftOrder: 1 } };
      const { failed } = await sendTraffic({ ...pace, ...orders, onProgress, signal: over.signal });
      const [first] = failed;
      if (first?.traceId === undefined) throw new Error(`Of ${MOST} gift orders none failed.`);
      return first.traceId;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const MOST = 100;

/** With loopd's own token, as a person types it. */
export async function signIn(page: Page, { loopd }: Pick<TestLoopd, 'loopd'>): Promise<void> {
  await page.goto(loopd.apiUrl);
  await page.getByLabel('Token', { exact: true }).fill(loopd.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').first().waitFor();
}
