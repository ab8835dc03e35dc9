/** A shop behind real Envoys with a WebSocket and a gRPC service beside it, a loopd that keeps what fails in them, and its console in a real browser. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { DEFAULT_MIX } from '../../examples/shop/run/deck.ts';
import type { Mix } from '../../examples/shop/run/deck.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';
import { envoyPath } from './envoy.ts';
import { checkout, PRICING, startService } from './grpc-services.ts';
import { patient } from './patient.ts';
import { redisPath } from './redis.ts';
import { startEnvoy } from './running-envoy.ts';
import type { TestLoopd } from './test-loopd.ts';
import { startTestLoopd } from './test-loopd.ts';

export interface ConsoleWorld extends AsyncDisposable {
  readonly daemon: TestLoopd;
  /** Customers who do what customers do; how many of their orders failed. */
  traffic(requests: number, seed: number, mix?: Mix): Promise<number>;
  /** The shop's first customer orders a gift until one fails: resolves when the customer has the answer, with the trace. */
  fail(seed: number): Promise<string>;
  /** A WebSocket of the service "prices", which closes it with 1011 at the second question. */
  failWebSocket(): Promise<void>;
  /** A call of the service "quotes" that fails with INTERNAL. */
  failGrpc(): Promise<void>;
}

/** Id of the customer whom `fail` is about, as the shop's tokens name her. */
export const FIRST_CUSTOMER = 'customer-1';
/** Until an order met the bug. */
const MOST = 100;

/** `more`: of loopd's configuration. */
export async function startConsoleWorld(more: Parameters<typeof startTestLoopd>[0] = {}): Promise<ConsoleWorld> {
  await using opened = new AsyncDisposableStack();
  const daemon = await startTestLoopd(more);
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
  const prices = await startBeside(opened, daemon, 'prices', join(import.meta.dirname, 'prices', 'server.ts'));
  const quotes = await startBeside(opened, daemon, 'quotes', quotesFile(daemon.data));
  const pace = { entryUrl: shop.entryUrl, perSecond: 20, customers: 4 };
  const closing = opened.move();
  return {
    daemon,
    async traffic(requests, seed, mix = { ...DEFAULT_MIX, giftOrder: 5 }) {
      const { failed } = await sendTraffic({ ...pace, requests, seed, mix });
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
    failWebSocket: () => askPrices(`${prices.replace('http', 'ws')}/prices`, ['tea', 'bad']),
    async failGrpc() {
      const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
      await checkout(quotes, 'BROKEN', traceparent, '/shop.Pricing/Quote');
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** A service of one file behind an Envoy of its own: resolves to where its sidecar listens. */
async function startBeside(
  opened: AsyncDisposableStack,
  { sink }: TestLoopd,
  service: string,
  file: string,
): Promise<string> {
  const running = await startService([process.execPath, file], {});
  opened.defer(() => running.stop());
  const listen = socket('127.0.0.1', 0);
  const speaker = { service, instance: `${service}-1` };
  const inbound = { listen, app: socket('127.0.0.1', running.port) };
  const envoy = await startEnvoy(
    patient(sidecarYaml({ speaker, sink, envoyVersion: TESTED_VERSION, admin: listen, inbound })),
  );
  opened.defer(() => envoy.stop());
  return envoy.listener('inbound');
}

function quotesFile(data: string): string {
  const directory = join(data, 'quotes');
  mkdirSync(directory);
  const file = join(directory, 'server.mjs');
  writeFileSync(file, PRICING['server.mjs']);
  return file;
}

/** One question after each answer. */
async function askPrices(url: string, skus: readonly string[]): Promise<void> {
  const client = new WebSocket(url);
  const left = [...skus];
  client.on('message', () => client.send(JSON.stringify({ sku: left.shift() ?? 'bad', password: 'hunter2' })));
  await once(client, 'close');
}

/** With a token, as a person types it; loopd's own when none is given. */
export async function signIn(page: Page, { loopd }: Pick<TestLoopd, 'loopd'>, token = loopd.token): Promise<void> {
  await page.goto(loopd.apiUrl);
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').first().waitFor();
}
