/** One user of several at the shop, through real Envoy sidecars: captured after the fact, and while it goes on. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Customer } from '../../examples/shop/run/customer.ts';
import type { Request, Sent } from '../../examples/shop/run/customer.ts';
import { Deck } from '../../examples/shop/run/deck.ts';
import { seededRandom } from '../../examples/shop/run/random.ts';
import { sendRequest } from '../../examples/shop/run/send.ts';
import { startShop } from '../../examples/shop/run/shop.ts';
import type { Shop } from '../../examples/shop/run/shop.ts';
import type { CaptureId } from '../../src/domain/capture.ts';
import { loopctl, REPOSITORY } from '../support/cli.ts';
import { envoyPath } from '../support/envoy.ts';
import { redisPath } from '../support/redis.ts';
import { findLeaks } from '../support/leaks.ts';
import { patient } from '../support/patient.ts';
import { checkedReport } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { allFailures, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const MIX = { browse: 3, product: 4, cart: 2, order: 2, profile: 2, expired: 1, badToken: 1, giftOrder: 1 };
/** `customer-7` of the shop, and others, `customer-1` and `customer-10` among them. */
const JOHN = 6;
const OTHERS = [0, 2, 9] as const;
const USER = 'customer-7';

const root = mkdtempSync(join(tmpdir(), 'captures-'));
let daemon: TestLoopd;
let shop: Shop;
/** Traces by customer, of everything that was sent with a token. */
const sent = new Map<number, string[]>();

beforeAll(async () => {
  daemon = await startTestLoopd();
  shop = await startShop({
    directory: join(root, 'shop'),
    sinkAddress: `unix:${daemon.sink.path}`,
    envoyPath: envoyPath(),
    redisPath: redisPath(),
    log: () => undefined,
    bend: patient,
  });
});

afterAll(async () => {
  await shop.stop();
  await daemon.close();
  rmSync(root, { recursive: true, force: true });
});

/** A customer whose requests all have a trace of their own, noted when it shows who it is. */
function customer(number: number): Customer {
  const send = (request: Request): Promise<Sent> => {
    const traceId = randomBytes(16).toString('hex');
    const headers: Record<string, string> = {
      ...request.headers,
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    };
    if (headers['authorization'] !== undefined) sent.set(number, [...(sent.get(number) ?? []), traceId]);
    return sendRequest(shop.entryUrl, { ...request, headers });
  };
  return new Customer({ send }, number);
}

/** All of them at the same time, each so many actions. */
async function shopping(actions: number, seed: number): Promise<void> {
  await Promise.all(
    [JOHN, ...OTHERS].map(async (number) => {
      const random = seededRandom(seed + number);
      const deck = new Deck(MIX, random);
      const one = customer(number);
      await one.arrive();
      for (let count = 0; count < actions; count += 1) await one.act(deck.deal(), random);
    }),
  );
}

const tracesOf = (number: number): ReadonlySet<string> => new Set(sent.get(number));

/** What the capture has, once it is as many as there are, or no more come. */
async function taken(id: CaptureId, expected: number) {
  return until(
    () => daemon.api.captures.show(id),
    ({ capture, loops }) => capture.reachedBackTo !== undefined && loops.length >= expected,
    20_000,
  );
}

describe('a capture that begins after the fact', () => {
  let id: CaptureId;

  it('begins with one command', async () => {
    await shopping(16, 1);
    const { stdout, stderr, code } = await loopctl(
      ['capture', 'start', '--user', USER, '--for', '10m', '--reason', `ticket 811 of ${USER}`],
      { data: daemon.data },
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining(`running: user ${USER}, until `)]);
    id = stdout.trim() as CaptureId;
  });

  it('has every earlier request of the user that the ring holds, and nobody else’s', async () => {
    const { capture, loops } = await taken(id, tracesOf(JOHN).size);
    const traces = loops.map(({ transaction }) => transaction.replace('trace:', ''));
    expect(traces.toSorted()).toEqual([...tracesOf(JOHN)].toSorted());
    const ledger = shop.ledger().filter(({ service, traceId }) => service === 'gateway' && tracesOf(JOHN).has(traceId));
    expect(loops.map(({ method, path, status }) => `${method} ${path} ${status}`).toSorted()).toEqual(
      ledger.map(({ method, path, status }) => `${method} ${path} ${status}`).toSorted(),
    );
    expect(capture).toMatchObject({ transactions: loops.length, leftOut: 0, select: { user: USER } });
    expect(capture.reachedBackTo).toBeLessThan(Math.min(...loops.map(({ startedAt }) => startedAt)));
  });

  it('has successes and failures, each one loop: a failure stays one of all failures', async () => {
    const { capture, loops } = await daemon.api.captures.show(id);
    const failed = loops.filter(({ purpose }) => purpose === 'failure');
    expect(failed.length).toBe(capture.failed);
    expect(failed.map(({ outcome }) => outcome)).not.toContain('good');
    expect(loops.filter(({ purpose }) => purpose === 'capture').map(({ outcome }) => outcome)).not.toContain('failed');
    const all = (await allFailures(daemon.api)).map((loop) => loop.id);
    for (const { id: loop } of failed) expect(all).toContain(loop);
  });

  it('goes on with what comes: whole trees, down to the database', async () => {
    const before = tracesOf(JOHN).size;
    await shopping(6, 2);
    expect(tracesOf(JOHN).size).toBeGreaterThan(before);
    const { loops } = await taken(id, tracesOf(JOHN).size);
    expect(loops.map(({ transaction }) => transaction.replace('trace:', '')).toSorted()).toEqual(
      [...tracesOf(JOHN)].toSorted(),
    );
    const order = loops.find(({ path, status }) => path === '/orders' && status === 201);
    expect(order?.services).toEqual(
      ['gateway', 'orders', 'pricing', 'promotions'].filter((name) => order?.services.includes(name)),
    );
    expect(order?.commands).toBeGreaterThan(0);
    expect(loops.flatMap(({ holes }) => holes)).toEqual([]);
  });

  it('is told as one timeline', async () => {
    const { stdout, code } = await loopctl(['show', id.slice(0, 8)], { data: daemon.data });
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toContain(`${id}  user ${USER}  running`);
    expect(stdout).toContain('-- as far back as the recorder reached');
    expect(stdout).toContain('-- the capture began');
    const times = lines.flatMap((line) => /^\d\d:\d\d:\d\d\.\d{3}/.exec(line)?.[0] ?? []);
    expect(times.length).toBeGreaterThan(tracesOf(JOHN).size);
    expect(times).toEqual(times.toSorted());
    const listed = await loopctl(['list', 'captures'], { data: daemon.data });
    expect(listed.stdout).toMatch(new RegExp(String.raw`${id} +user ${USER} +running .+ticket 811 of ${USER}`));
  });

  it('ends when somebody says so, and takes nothing more', async () => {
    const { stderr } = await loopctl(['capture', 'stop', id], { data: daemon.data });
    const stopped = new Set(tracesOf(JOHN));
    expect(stderr).toContain(`stopped ${id}: ${stopped.size} transactions`);
    await shopping(3, 3);
    const other = await daemon.api.captures.start({
      user: 'customer-10',
      reason: 'to have waited for',
      lookBack: true,
    });
    await taken(other.id, tracesOf(9).size);
    const { loops, capture } = await daemon.api.captures.show(id);
    expect(new Set(loops.map(({ transaction }) => transaction.replace('trace:', '')))).toEqual(stopped);
    expect(capture).toMatchObject({ endedBy: 'stopped' });
    const again = await loopctl(['capture', 'stop', id], { data: daemon.data });
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('has ended already (stopped)')]);
  });

  it('does not leave whom it is of readable on the disk', () => {
    const store = join(daemon.data, 'store');
    const audit = readFileSync(join(daemon.data, 'audit.jsonl'), 'utf8');
    expect(audit).toMatch(new RegExp(`"act":"capture-start","about":\\{[^}]*"capture":"${id}"`));
    expect(audit).toContain('ticket 811 of …');
    const index = readdirSync(store)
      .map((name) => join(store, name))
      .filter((path) => /sqlite/.test(path));
    expect(findLeaks([audit, ...index.map((path) => readFileSync(path))], [USER])).toEqual([]);
    expect(daemon.complaints).toEqual([]);
  });

  it('nor in what it keeps', async () => {
    const { loops } = await daemon.api.captures.show(id);
    const views = await Promise.all(loops.map(async (loop) => (await daemon.api.show(loop.id)).view));
    expect(findLeaks([JSON.stringify(loops), ...views], [USER])).toEqual([]);
  });

  describe('a good transaction of it', () => {
    it('is replayed like a failure', async (context) => {
      await skipWithoutNamespaces(context);
      const { loops } = await daemon.api.captures.show(id);
      const good = loops.find(
        ({ path, status, services }) => path.startsWith('/products?') && status === 200 && services.includes('pricing'),
      );
      const { stdout, stderr } = await loopctl(
        ['replay', good?.id ?? '', '--service', 'pricing', '-o', 'json', '--', 'node', 'server.js'],
        { cwd: join(REPOSITORY, 'examples/shop/pricing'), data: daemon.data },
      );
      if (stdout === '') throw new Error(stderr);
      expect(checkedReport(stdout)).toMatchObject({ outcome: 'reproduced', missed: [], refused: [] });
    });
  });

  it('is deleted with what only it keeps', async () => {
    const { capture, loops } = await daemon.api.captures.show(id);
    const { stderr } = await loopctl(['delete', id], { data: daemon.data });
    expect(stderr).toContain(`deleted ${id} and ${loops.length - capture.failed} loops`);
    const left = (await allFailures(daemon.api)).map((loop) => loop.id);
    for (const { id: loop, purpose } of loops) expect(left.includes(loop)).toBe(purpose === 'failure');
  });
});
