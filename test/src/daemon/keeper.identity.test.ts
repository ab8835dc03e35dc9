// Parts as a recorder makes them, in any order, late and doubled: one loop for one failure, and the same one every time.
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keeper } from '../../../src/daemon/keeper.ts';
import type { TransactionKey } from '../../../src/domain/ids.ts';
import type { RecorderLimits } from '../../../src/recorder/options.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { loadOrCreateStoreKey } from '../../../src/seal/keyfile.ts';
import { SealError } from '../../../src/seal/errors.ts';
import { openParts } from '../../../src/seal/open.ts';
import type { LoopView } from '../../../src/seal/view-schema.ts';
import { parseLoopView } from '../../../src/seal/view-schema.ts';
import { KeepBudget } from '../../../src/verdict/budget.ts';
import { openLocalStore } from '../../../storage/local.ts';
import { Bench } from '../../support/recorder.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { T0 } from '../../support/transaction.ts';

const CLOCK = { now: () => T0 };
const JSON_TYPE = { 'content-type': 'application/json' };

interface KeptLoop {
  readonly id: string;
  readonly outcome: string;
  readonly view: LoopView;
  /** As it is stored. */
  readonly text: string;
  /** All that is under the seal, opened. */
  readonly sealed: string;
}

async function keep(parts: readonly RecordedPart[], wanted: TransactionKey[] = []): Promise<readonly KeptLoop[]> {
  const directory = temporaryDirectory();
  const store = await openLocalStore(join(directory, 'store'), { clock: CLOCK });
  try {
    const key = await loadOrCreateStoreKey(join(directory, 'data', 'key'));
    const keeper = new Keeper({
      store,
      key,
      budget: new KeepBudget(100, CLOCK),
      backlogBytes: 100_000_000,
      wait: async () => undefined,
      log: { kept: () => undefined, failed: (message) => expect.unreachable(message) },
      want: (transaction) => wanted.push(transaction),
    });
    for (const part of parts) keeper.take(structuredClone(part));
    await keeper.stop();
    const { loops } = await store.list({ purpose: 'failure', limit: 99 });
    const kept: KeptLoop[] = [];
    for (const { id, outcome } of loops) {
      const { view: text, wrappedKey } = await store.get(id);
      const parts = (await store.parts(id)).map(({ bytes }) => bytes);
      const opened = openParts(id, wrappedKey, parts, key);
      if (opened instanceof SealError) throw opened;
      const sealed = Buffer.concat(opened).toString('latin1');
      const view = parseLoopView(text);
      if (view !== undefined) kept.push({ id, outcome, view, text, sealed });
    }
    return kept.toSorted((one, other) => (one.text < other.text ? -1 : 1));
  } finally {
    await store.close();
  }
}

/** All parts there are, with those of transactions that the keeper asked for. */
async function partsOf(bench: Bench): Promise<readonly RecordedPart[]> {
  const parts: RecordedPart[] = [];
  for (;;) {
    bench.settle();
    const came = bench.takeParts().filter(({ purpose }) => purpose === 'failure');
    if (came.length === 0) return parts;
    parts.push(...came);
    const wanted: TransactionKey[] = [];
    await keep(parts, wanted);
    for (const transaction of wanted) bench.recorder.keep(transaction);
  }
}

/** A request to orders, which asks stock for its article under a request id of its own. */
class Shop {
  readonly bench: Bench;

  constructor(limits: Partial<RecorderLimits> = {}) {
    this.bench = new Bench(limits);
  }

  order(number: number) {
    const { bench } = this;
    const article = `article-${5000 + number}`;
    const body = JSON.stringify({ order: `order-${7000 + number}`, article });
    const post = {
      method: 'POST',
      requestId: `front-${number}`,
      trace: String(number),
      headers: JSON_TYPE,
      end: false,
    };
    const front = bench.call('gateway', { direction: 'outbound' }).request('/orders', { ...post, authority: 'orders' });
    front.requestBody(body, true);
    const request = bench.call('orders').request('/orders', post).requestBody(body, true);
    bench.clock.advance(3);
    const ask = (status: number, path = `/stock/${article}`) => {
      const id = { requestId: `stock-${number}${path}`, authority: 'stock' };
      const call = bench.call('orders', { direction: 'outbound' }).request(path, id);
      const there = bench.call('stock').request(path, id);
      bench.clock.advance(7);
      const said = JSON.stringify({ shelf: `shelf-${number}`, error: status < 500 ? undefined : 'count is stale' });
      for (const one of [there, call]) one.respond(status, { end: false, headers: JSON_TYPE }).responseBody(said, true);
      bench.clock.advance(2);
    };
    const answer = (status: number) => {
      const said = JSON.stringify({ order: `order-${7000 + number}`, shelf: `shelf-${number}` });
      for (const one of [request, front])
        one.respond(status, { end: false, headers: JSON_TYPE }).responseBody(said, true);
    };
    return { ask, answer };
  }
}

const treeOf = ({ view }: KeptLoop) =>
  view.exchanges.map(({ vantage, path, status, parent }) =>
    [vantage.service, vantage.direction, path, status, ...(parent?.flow ? ['by flow'] : [])].join(' '),
  );

describe('a failure behind a call without context', () => {
  it('is one loop under the transaction it hangs in, whole, and says how the call was placed', async () => {
    const shop = new Shop();
    const [one, two, three] = [shop.order(1), shop.order(2), shop.order(3)];
    two.ask(200);
    one.ask(503);
    three.ask(200);
    for (const order of [three, two]) order.answer(200);
    one.answer(502);
    const loops = await keep(await partsOf(shop.bench));
    expect(loops).toHaveLength(1);
    const [loop] = loops;
    if (loop === undefined) return;
    expect(loop.outcome).toBe('failed');
    expect(treeOf(loop)).toEqual([
      'gateway outbound /orders 502',
      'orders inbound /orders 502',
      'orders outbound /stock/article-5001 503 by flow',
      'stock inbound /stock/article-5001 503',
    ]);
    expect(loop.view.failures.find(({ role }) => role === 'origin')).toMatchObject({ kind: 'status' });
    expect(loop.sealed).toMatch(/article-5001/);
    for (const stored of [loop.text, loop.sealed]) expect(stored).not.toMatch(/article-500[23]|order-700[23]/);
  });

  it('that its caller survived is one loop too, under the caller', async () => {
    const shop = new Shop();
    const [one, two] = [shop.order(1), shop.order(2)];
    one.ask(503);
    two.ask(200);
    for (const order of [two, one]) order.answer(200);
    const loops = await keep(await partsOf(shop.bench));
    expect(loops.map(({ outcome }) => outcome)).toEqual(['swallowed']);
    expect(loops[0]?.view.exchanges).toHaveLength(4);
  });

  it('brings the good calls of the same request along, because a replay needs them', async () => {
    const shop = new Shop();
    const [one, two] = [shop.order(1), shop.order(2)];
    two.ask(200);
    one.ask(200);
    one.ask(503, '/price/article-5001');
    two.answer(200);
    one.answer(502);
    const [loop] = await keep(await partsOf(shop.bench));
    expect(loop && treeOf(loop).filter((line) => line.includes('outbound /'))).toEqual([
      'gateway outbound /orders 502',
      'orders outbound /stock/article-5001 200 by flow',
      'orders outbound /price/article-5001 503 by flow',
    ]);
  });
});

describe('a trace with several transactions', () => {
  const session = () => {
    const bench = new Bench();
    const exchange = (path: string, status: number) => {
      bench.exchange('shop', path, status, { trace: 'a' });
      bench.clock.advance(200);
    };
    return { bench, exchange };
  };

  it('has a loop for each root that failed, with its tree alone', async () => {
    const { bench, exchange } = session();
    for (const [path, status] of [
      ['/a', 200],
      ['/b', 500],
      ['/c', 200],
      ['/d', 500],
    ] as const)
      exchange(path, status);
    const loops = await keep(await partsOf(bench));
    expect(loops.map(({ view }) => view.exchanges.map(({ path }) => path).join()).toSorted()).toEqual(['/b', '/d']);
  });

  it('keeps the loops it has when another root fails later', async () => {
    const { bench, exchange } = session();
    exchange('/b', 500);
    bench.settle();
    const first = await keep(bench.parts);
    exchange('/d', 500);
    const both = await keep(await partsOf(bench));
    expect(both).toHaveLength(2);
    expect(both.map(({ id }) => id)).toContain(first[0]?.id);
  });

  it('remembers a root that was good so far, and has it whole when it fails', async () => {
    const { bench, exchange } = session();
    const slow = bench.call('shop').request('/slow', { trace: 'a' });
    exchange('/b', 500);
    bench.clock.advance(11_000);
    slow.respond(500);
    const loops = await keep(await partsOf(bench));
    const paths = loops
      .map(({ view }) => view.exchanges.map(({ path, status }) => `${path} ${status}`).join())
      .toSorted();
    expect(paths).toEqual(['/b 500', '/slow 500']);
    expect(loops.flatMap(({ view }) => view.holes)).toEqual([]);
  });
});

describe('the same parts', () => {
  async function traffic(): Promise<readonly RecordedPart[]> {
    const shop = new Shop();
    const [one, two, three] = [shop.order(1), shop.order(2), shop.order(3)];
    one.ask(503);
    two.ask(200);
    two.ask(503, '/price/article-5002');
    three.ask(200);
    three.answer(200);
    one.answer(502);
    two.answer(200);
    shop.bench.exchange('shop', '/session', 500, { trace: 'b1' });
    return partsOf(shop.bench);
  }

  it('give the same loops in any order, however late and often they come', async () => {
    const parts = await traffic();
    const expected = (await keep(parts)).map(({ text }) => text);
    expect(expected).toHaveLength(3);
    expect(parts.length).toBeGreaterThan(4);
    const orders = fc.shuffledSubarray([...parts, ...parts], { minLength: parts.length * 2 });
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        expect((await keep(order)).map(({ text }) => text)).toEqual(expected);
      }),
      { numRuns: 12, seed: 7 },
    );
  });
});

describe('what could not be looked at', () => {
  it('is named as missing', async () => {
    const shop = new Shop({ neighbourCount: 1 });
    const [one, two] = [shop.order(1), shop.order(2)];
    two.ask(200);
    one.ask(200);
    two.answer(200);
    one.answer(502);
    const [loop] = await keep(await partsOf(shop.bench));
    expect(loop?.view.holes.map(({ what }) => what)).toEqual([
      expect.stringMatching(
        /^\d transactions around it could not be looked at: calls that carry no context may be missing$/,
      ),
    ]);
  });
});
