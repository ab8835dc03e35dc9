import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import { Keeper } from '../../../src/daemon/keeper.ts';
import type { KeeperOptions } from '../../../src/daemon/keeper.ts';
import type { LoopId, TransactionKey } from '../../../src/domain/ids.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { loadOrCreateStoreKey } from '../../../src/seal/keyfile.ts';
import { openParts } from '../../../src/seal/open.ts';
import { SealError } from '../../../src/seal/errors.ts';
import { KeepBudget } from '../../../src/verdict/budget.ts';
import { decodePart } from '../../../src/wire/segments/part.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { StorageError } from '../../../storage/errors.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { exchangeSegments } from '../../support/recording.ts';
import { RECORDER, T0, transactionKey } from '../../support/transaction.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const CLOCK = { now: () => T0 };

async function keeping(
  more: Partial<KeeperOptions> & { readonly wrap?: (store: LoopStore) => LoopStore; readonly perHour?: number } = {},
) {
  const directory = temporaryDirectory();
  const real = await openLocalStore(join(directory, 'store'), { clock: CLOCK });
  onTestFinished(() => real.close());
  const store = more.wrap?.(real) ?? real;
  const key = await loadOrCreateStoreKey(join(directory, 'data', 'key'));
  const said: string[] = [];
  const log = {
    kept: (id: LoopId, purpose: string) => void said.push(`kept ${purpose} ${id}`),
    failed: (message: string) => void said.push(`failed: ${message}`),
  };
  const budget = new KeepBudget(more.perHour ?? 100, CLOCK);
  const keeper = new Keeper({
    store,
    key,
    budget,
    originals: 'sealed',
    backlogBytes: 1_000_000,
    wait: async () => undefined,
    log,
    ...more,
  });
  const transactionOf = async (id: LoopId) => {
    const { wrappedKey, summary } = await real.get(id);
    const opened = openParts(
      id,
      wrappedKey,
      (await real.parts(id)).map(({ bytes }) => bytes),
      key,
    );
    if (opened instanceof SealError) throw opened;
    return assemble(
      summary.transaction,
      opened.map(decodePart).filter((part) => part !== undefined),
    );
  };
  return { keeper, store: real, said, transactionOf };
}

const failure = (stream = 1, path = '/orders') =>
  exchangeSegments(stream, 'orders', 'inbound', { path, answer: { status: 500, body: '{"error":"x"}' } });
const call = (stream: number) =>
  exchangeSegments(stream, 'orders', 'outbound', { path: '/price', authority: 'pricing', at: 1 });

function part(key: number, records: ReturnType<typeof failure>, more: Partial<RecordedPart> = {}): RecordedPart {
  return {
    purpose: 'failure',
    transaction: transactionKey(key),
    recorder: RECORDER,
    aliases: [],
    overwritten: 0,
    subject: '',
    records: encodeSegments(records),
    ...more,
  };
}

describe('a part', () => {
  it('becomes a loop: listed, redacted, sealed, and whole again when opened', async () => {
    const { keeper, store, transactionOf } = await keeping();
    keeper.take(part(1, failure()));
    await keeper.stop();
    const { loops } = await store.list({ purpose: 'failure', limit: 9 });
    expect(loops).toMatchObject([
      { service: 'orders', path: '/orders', status: 500, outcome: 'failed', origin: { service: 'orders' } },
    ]);
    const [loop] = loops;
    if (loop === undefined) return;
    expect(Buffer.concat((await store.parts(loop.id)).map(({ bytes }) => bytes)).includes('/orders')).toBe(false);
    expect(await transactionOf(loop.id)).toMatchObject({ exchanges: [{ response: { complete: true } }], holes: [] });
    expect(keeper.stats()).toMatchObject({ kept: 1, lost: 0, backlogBytes: 0 });
  });

  it('that comes late joins the loop of its transaction, under whichever of its keys', async () => {
    const { keeper, store, transactionOf } = await keeping();
    const alias = 'request:r-1' as TransactionKey;
    keeper.take(part(1, failure()));
    keeper.take(part(2, call(2), { transaction: alias, aliases: [transactionKey(1)] }));
    await keeper.stop();
    const { loops } = await store.list({ purpose: 'failure', limit: 9 });
    expect(loops).toHaveLength(1);
    expect(loops[0]).toMatchObject({ exchanges: 2, path: '/orders' });
    expect((await transactionOf(loops[0]?.id as LoopId)).exchanges).toHaveLength(2);
  });

  it('beyond the budget of its fingerprint is counted; a late part of a kept loop is not', async () => {
    const { keeper, store } = await keeping({ perHour: 2 });
    for (const number of [1, 2, 3, 4]) keeper.take(part(number, failure()));
    keeper.take(part(1, call(2)));
    await keeper.stop();
    expect(
      (await store.list({ purpose: 'failure', limit: 9 })).loops
        .map(({ exchanges }) => exchanges)
        .toSorted((one, other) => one - other),
    ).toEqual([1, 2]);
    expect(keeper.stats()).toMatchObject({ overBudget: 2, lost: 0 });
  });

  it('of start-up traffic serves the loops of its service that come after it', async () => {
    const { keeper, store } = await keeping();
    const keys = exchangeSegments(5, 'orders', 'outbound', { path: '/keys', authority: 'accounts' });
    keeper.take(part(9, keys, { purpose: 'ambient', subject: 'orders' }));
    keeper.take(part(1, failure()));
    await keeper.stop();
    const [ambient] = (await store.list({ purpose: 'ambient', limit: 9 })).loops;
    const [loop] = (await store.list({ purpose: 'failure', limit: 9 })).loops;
    expect((await store.get(loop?.id as LoopId)).companions).toEqual([ambient?.id]);
  });

  it('of a loop that a person deleted goes as well, without a word', async () => {
    const { keeper, store, said } = await keeping();
    keeper.take(part(1, failure()));
    await until(() => keeper.stats().kept === 1);
    const [loop] = (await store.list({ purpose: 'failure', limit: 9 })).loops;
    await store.delete(loop?.id as LoopId);
    keeper.take(part(1, call(2)));
    await keeper.stop();
    expect((await store.list({ purpose: 'failure', limit: 9 })).loops).toEqual([]);
    expect([said.length, keeper.stats().lost, keeper.trouble()]).toEqual([1, 0, undefined]);
  });

  it('for which there is no room to wait is lost, counted, and named in the health', async () => {
    const { keeper, said } = await keeping({ backlogBytes: 10 });
    keeper.take(part(1, failure()));
    await keeper.stop();
    expect(keeper.stats()).toMatchObject({ kept: 0, lost: 1 });
    expect(keeper.stats().lostBytes).toBeGreaterThan(100);
    expect(keeper.trouble()).toMatch(
      /^Recordings were lost: 0 bytes of recordings wait to be stored; there is no room for more$/,
    );
    expect(said).toEqual([
      expect.stringMatching(/^failed: A recording of \d+ bytes \(failure, trace:0+1\) was lost: /),
    ]);
  });

  it('with bytes that are no record is kept as far as it goes', async () => {
    const { keeper, store } = await keeping();
    keeper.take({ ...part(1, failure()), records: Buffer.concat([encodeSegments(failure()), randomBytes(20)]) });
    await keeper.stop();
    expect((await store.list({ purpose: 'failure', limit: 9 })).loops).toMatchObject([
      { holes: [expect.stringContaining('no record')] },
    ]);
  });
});

/** The first `times` saves find the disk full. */
function fullAtFirst(store: LoopStore, times: number): LoopStore {
  let left = times;
  const save: LoopStore['save'] = async (...saved) => {
    left -= 1;
    if (left >= 0) throw new StorageError('full', 'There is no space left.', 'Free some.');
    return store.save(...saved);
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'save') return save;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('a full disk', () => {
  it('is waited for, told once, and forgotten when there is room', async () => {
    const waits: (string | undefined)[] = [];
    const { keeper, said, store } = await keeping({
      wrap: (real) => fullAtFirst(real, 3),
      wait: async () => void waits.push(keeper.trouble()),
    });
    keeper.take(part(1, failure()));
    await until(() => keeper.stats().kept === 1);
    expect(waits).toEqual(Array.from({ length: 3 }, () => 'There is no space left.'));
    expect(said).toEqual(['failed: There is no space left.', expect.stringMatching(/^kept failure /)]);
    expect([keeper.trouble(), (await store.list({ purpose: 'failure', limit: 9 })).loops.length]).toEqual([
      undefined,
      1,
    ]);
  });

  it('is not waited for by one who stops', async () => {
    const { keeper } = await keeping({ wrap: (real) => fullAtFirst(real, 1_000) });
    keeper.take(part(1, failure()));
    await keeper.stop();
    expect(keeper.stats()).toMatchObject({ kept: 0, lost: 1 });
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const never = new Promise<void>(() => undefined);

describe('a store that is slower than there is time', () => {
  it('and hangs is not waited for: what was begun is lost as well, once', async () => {
    const begun = Promise.withResolvers<void>();
    const hanging = (store: LoopStore): LoopStore =>
      new Proxy(store, {
        get: (target, name) =>
          name === 'save'
            ? () => {
                begun.resolve();
                return never;
              }
            : (target[name as keyof LoopStore] as (...given: unknown[]) => unknown).bind(target),
      });
    const { keeper, said } = await keeping({ wrap: hanging, wait: () => begun.promise });
    for (const number of [1, 2, 3]) keeper.take(part(number, failure()));
    await keeper.stop(5_000);
    await keeper.stop();
    expect(keeper.stats()).toMatchObject({ kept: 0, lost: 3, backlogParts: 0 });
    expect(said.filter((line) => line.includes('does not answer'))).toHaveLength(3);
  });

  it('loses what still waits when loopd stops, says so, and keeps what it had begun', async () => {
    const begun = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const slow = (store: LoopStore): LoopStore =>
      new Proxy(store, {
        get: (target, name) =>
          name === 'save'
            ? async (...saved: Parameters<LoopStore['save']>) => {
                begun.resolve();
                await answered.promise;
                return target.save(...saved);
              }
            : (target[name as keyof LoopStore] as (...given: unknown[]) => unknown).bind(target),
      });
    const { keeper, store, said } = await keeping({ wrap: slow, wait: (ms) => (ms === 5_000 ? begun.promise : never) });
    for (const number of [1, 2, 3]) keeper.take(part(number, failure()));
    const stopped = keeper.stop(5_000);
    await begun.promise;
    answered.resolve();
    await stopped;
    expect((await store.list({ purpose: 'failure', limit: 9 })).loops).toHaveLength(1);
    expect(keeper.stats()).toMatchObject({ kept: 1, lost: 2, backlogBytes: 0, backlogParts: 0 });
    expect(said.filter((line) => line.includes('too slow'))).toHaveLength(2);
  });
});
