import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerEntry } from '../../examples/shop/run/ledger.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import type { Shop } from '../../examples/shop/run/shop.ts';
import { DEFAULT_MIX } from '../../examples/shop/run/deck.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import type { TrafficReport } from '../../examples/shop/run/traffic.ts';
import { parseProject } from '../../replay-sandbox/plan/project.ts';
import { envoyPath } from '../support/envoy.ts';
import { redisPath } from '../support/redis.ts';

const BUG = 'invalid input syntax for type integer: "NaN"';

describe('the shop, with nobody at the sink', () => {
  const directory = mkdtempSync(join(tmpdir(), 'shop-test-'));
  let shop: Shop;

  beforeAll(async () => {
    const sinkAddress = `unix:${join(directory, 'nobody.sock')}`;
    shop = await startShop({ directory, sinkAddress, envoyPath: envoyPath(), redisPath: redisPath(), log: () => {} });
  });

  afterAll(async () => {
    await shop.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  describe('takes varied traffic', () => {
    let report: TrafficReport;

    beforeAll(async () => {
      report = await sendTraffic({ entryUrl: shop.entryUrl, requests: 200, perSecond: 60, seed: 3 });
    });

    test('and answers all of it, as a shop does', () => {
      const statuses = new Set(report.sent.map(({ status }) => status));
      expect(statuses).not.toContain(0);
      for (const status of [200, 201, 401, 404, 409, 422]) expect(statuses).toContain(status);
    });

    test('and fails where the bug is, nowhere else', () => {
      expect(report.failed.length).toBeGreaterThan(0);
      for (const sent of report.failed) {
        expect(sent).toMatchObject({ action: 'giftOrder', method: 'POST', path: '/orders', status: 502 });
      }
    });

    test('and the gateway’s ledger has each request as the client saw it', () => {
      const entries = gatewayEntries(shop);
      expect(entries).toHaveLength(report.sent.length);
      for (const { traceId, path, status, requestBody, responseBody } of report.sent.filter(
        (sent) => sent.traceId !== undefined,
      )) {
        expect(entries.find((entry) => entry.traceId === traceId)).toMatchObject({
          path,
          status,
          requestSha256: sha256(requestBody),
          responseSha256: sha256(responseBody),
        });
      }
    });

    test('and every hop of a request has its trace and its request id', () => {
      const [failure] = shop.ledger().filter(({ service, failed }) => service === 'pricing' && failed === 'own');
      const hops = shop.ledger().filter(({ traceId }) => traceId === failure?.traceId);
      expect(hops.map(({ service }) => service).toSorted()).toEqual(['gateway', 'orders', 'pricing', 'promotions']);
      expect(new Set(hops.map(({ requestId }) => requestId)).size).toBe(1);
      expect(new Set(hops.map(({ spanId }) => spanId)).size).toBe(4);
    });

    test('and the sidecars let it pass, unrecorded', async () => {
      const stats = await shop.envoyStats('gateway');
      expect(stats['http.inbound.ext_proc.loop_inbound.failure_mode_allowed']).toBeGreaterThanOrEqual(
        report.sent.length,
      );
    });
  });

  test('a cart of gifts with a coupon fails in pricing and comes out wrapped twice', async () => {
    const before = shop.ledger().length;
    const { failed } = await sendTraffic({
      entryUrl: shop.entryUrl,
      requests: 4,
      perSecond: 50,
      customers: 1,
      mix: { giftOrder: 1 },
    });
    expect(failed[0]?.responseBody).toBe(JSON.stringify({ error: `orders failed: pricing failed: ${BUG}` }));
    const cascade = shop
      .ledger()
      .slice(before)
      .filter(({ traceId, failed: how }) => how !== null && traceId === ownTrace(shop));
    expect(cascade.map(({ service, status, failed: how, error }) => ({ service, status, how, error }))).toEqual(
      expect.arrayContaining([
        { service: 'pricing', status: 500, how: 'own', error: BUG },
        { service: 'orders', status: 502, how: 'passed', error: `pricing failed: ${BUG}` },
        { service: 'gateway', status: 502, how: 'passed', error: `orders failed: pricing failed: ${BUG}` },
      ]),
    );
  });

  test('the same cart goes well with a coupon whose terms this release cached', async () => {
    const mix = { newGiftOrder: 1 };
    const { sent } = await sendTraffic({ entryUrl: shop.entryUrl, requests: 6, perSecond: 50, customers: 1, mix });
    const orders = sent.filter(({ action }) => action === 'newGiftOrder');
    expect(orders.map(({ status }) => status)).toEqual([201, 201]);
  });

  test('an offer that fails is swallowed: the page comes without it', async () => {
    const { sent } = await sendTraffic({
      entryUrl: shop.entryUrl,
      requests: 3,
      perSecond: 50,
      customers: 1,
      mix: { partnerOffer: 1 },
    });
    expect(sent.at(-1)).toMatchObject({ path: '/products/KETTLE-01', status: 200 });
    expect(sent.at(-1)?.responseBody).toContain('"offers":[]');
    const hops = shop.ledger().filter(({ path, service }) => path.endsWith('/KETTLE-01') && service !== 'pricing');
    expect(hops.map(({ service, status, failed }) => ({ service, status, failed }))).toEqual(
      expect.arrayContaining([
        { service: 'promotions', status: 503, failed: 'own' },
        { service: 'gateway', status: 200, failed: null },
      ]),
    );
  });

  test('a body without a length is read as well, by Node and by Python', async () => {
    for (const name of ['accounts', 'orders'] as const) {
      const service = shop.services.find((candidate) => candidate.name === name);
      const path = name === 'accounts' ? '/login' : '/orders';
      expect(await postChunked(service?.inboundPort ?? 0, path, ['{"nothing":', ' "of use"}'])).toBe(400);
      const entry = shop.ledger().findLast((candidate) => candidate.service === name);
      expect(entry).toMatchObject({ path, status: 400, requestSha256: sha256('{"nothing": "of use"}') });
    }
  });

  test('a service that is gone is the caller’s upstream failure', async () => {
    await shop.stopService('promotions');
    const mix = { ...DEFAULT_MIX, giftOrder: 0, badCoupon: 5 };
    const { failed } = await sendTraffic({ entryUrl: shop.entryUrl, requests: 60, perSecond: 50, mix });
    expect(failed.length).toBeGreaterThan(0);
    for (const { status, responseBody } of failed) {
      expect(status).toBe(502);
      expect(responseBody).toContain('orders failed: promotions failed: ');
    }
  });

  test('stopping it leaves no process', async () => {
    const { pids } = shop;
    expect(pids).toHaveLength(12);
    await shop.stop();
    await shop.stop();
    expect(pids.filter((pid) => existsSync(`/proc/${String(pid)}`))).toEqual([]);
  });
});

test('loop.yaml says how to run each of them', () => {
  const file = join(import.meta.dirname, '../../examples/shop/loop.yaml');
  const services = parseProject(readFileSync(file, 'utf8'), file);
  expect(Object.keys(services).toSorted()).toEqual(['accounts', 'gateway', 'orders', 'pricing', 'promotions']);
  expect(services['pricing']?.env['DATABASE_URL']).toBe('postgres://shop:shop@postgres.shop:5432/shop');
  expect(services['pricing']?.env['REDIS_URL']).toBe('redis://redis.shop:6379');
});

function gatewayEntries(shop: Shop): readonly LedgerEntry[] {
  return shop.ledger().filter(({ service }) => service === 'gateway');
}

/** Of the last failure that pricing calls its own. */
function ownTrace(shop: Shop): string | undefined {
  return shop.ledger().findLast(({ service, failed }) => service === 'pricing' && failed === 'own')?.traceId;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function postChunked(port: number, path: string, chunks: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method: 'POST' }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}
