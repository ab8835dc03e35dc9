import { describe, expect, it, onTestFinished } from 'vitest';
import { Keeper } from '../../../src/daemon/keeper.ts';
import { Outage } from '../../../src/daemon/outage.ts';
import type { BrakeOrder } from '../../../src/recorder/brake.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { newStoreKey, storeRedactionKey, userKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { hourOf, KeepBudget } from '../../../src/verdict/budget.ts';
import { DEFAULT_PLACES } from '../../../src/captures/places.ts';
import { userOfEntry } from '../../../src/captures/user-of.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { StorageError } from '../../../storage/errors.ts';
import type { FailureCount } from '../../../storage/fingerprints.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { exchangeSegments } from '../../support/recording.ts';
import type { RecordedCall } from '../../support/recording.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { RECORDER, T0, transactionKey } from '../../support/transaction.ts';

const CLOCK = { now: () => T0 };
const KEY = newStoreKey();

interface Setting {
  readonly perHour?: number;
  readonly originals?: 'sealed' | 'none';
  readonly directory?: string;
  readonly count?: (store: LoopStore, counts: readonly FailureCount[]) => Promise<void>;
}

/** Keeper and counting as loopd puts them together, the ring left out. */
async function loopd({ perHour = 2, originals = 'sealed', directory = temporaryDirectory(), count }: Setting = {}) {
  const store = await openLocalStore(directory, { clock: CLOCK });
  onTestFinished(() => store.close());
  const orders: BrakeOrder[] = [];
  const complaints: unknown[] = [];
  const outage = new Outage({
    store: { countFailures: (counts) => (count ?? ((real, all) => real.countFailures(all)))(store, counts) },
    clock: CLOCK,
    redact: createRedactor(storeRedactionKey(KEY)),
    userKey: userKey(KEY),
    userOf: userOfEntry(DEFAULT_PLACES),
    loopsPerHour: perHour,
    order: (order) => orders.push(order),
    failed: (error) => complaints.push(error),
  });
  onTestFinished(() => outage.stop());
  const budget = new KeepBudget(perHour, CLOCK);
  budget.restore(await store.keptInHour(hourOf(T0)));
  const keeper = new Keeper({
    store,
    key: KEY,
    budget,
    decided: (decision) => outage.decided(decision),
    waiting: outage,
    originals,
    backlogBytes: 10_000_000,
    wait: async () => undefined,
    log: { kept: () => undefined, failed: (message) => complaints.push(message) },
  });
  const rest = async () => {
    await keeper.stop();
    await outage.write();
    return store.fingerprints({ limit: 9 });
  };
  return { keeper, outage, store, orders, complaints, rest };
}

function bearer(user: string): string {
  return `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: user })).toString('base64url')}.c2ln`;
}

function part(key: number, call: RecordedCall = {}, more: Partial<RecordedPart> = {}): RecordedPart {
  const answer = { status: 500, body: '{"error":"no price"}' };
  return {
    purpose: 'failure',
    transaction: transactionKey(key),
    recorder: RECORDER,
    aliases: [],
    overwritten: 0,
    subject: '',
    signature: 'pricing fails',
    records: encodeSegments(exchangeSegments(1, 'pricing', 'inbound', { path: '/price/4711', answer, ...call })),
    ...more,
  };
}

describe('failures that repeat', () => {
  it('are kept up to the budget and counted all: how often, of whom, where, the newest loop named', async () => {
    const { keeper, rest, store } = await loopd();
    for (const number of [1, 2, 3, 4, 5])
      keeper.take(part(number, { headers: { authorization: bearer(`user-${number % 2}`) } }));
    const [counted, ...others] = await rest();
    expect(others).toEqual([]);
    const { loops } = await store.list({ purpose: 'failure', limit: 9 });
    expect(loops).toHaveLength(2);
    expect(counted).toMatchObject({
      fingerprint: loops[0]?.fingerprint,
      seen: 5,
      kept: 2,
      unread: 0,
      users: 2,
      service: 'pricing',
      method: 'GET',
      route: '/price/*',
      kind: 'status',
      newest: loops[0]?.id,
      versions: [{ version: 'pricing', seen: 5 }],
      hours: [{ at: hourOf(T0), seen: 5 }],
    });
  });

  it('are counted once, whatever parts they come in and under whichever key', async () => {
    const { keeper, rest } = await loopd({ perHour: 1 });
    const request = 'request:r-1' as RecordedPart['transaction'];
    keeper.take(part(1));
    keeper.take(part(1, { at: 5 }));
    keeper.take(part(2, {}, { aliases: [request] }));
    keeper.take(part(3, {}, { transaction: request }));
    expect(await rest()).toMatchObject([{ seen: 2, kept: 1 }]);
  });

  it('are counted under the fingerprint a late part gives them', async () => {
    const { keeper, rest, store } = await loopd();
    const victim = exchangeSegments(1, 'gateway', 'inbound', { path: '/checkout', answer: { status: 502 }, at: 0 });
    keeper.take(part(1, {}, { records: encodeSegments(victim) }));
    const cause = exchangeSegments(2, 'gateway', 'outbound', { path: '/p', answer: { status: 500 }, at: 1 });
    keeper.take(part(1, {}, { records: encodeSegments(cause) }));
    const counted = await rest();
    const { loops } = await store.list({ purpose: 'failure', limit: 9 });
    expect(counted).toMatchObject([
      { fingerprint: loops[0]?.fingerprint, seen: 1, kept: 1, method: 'GET', route: '/p' },
    ]);
  });

  it('are counted when they show up in what was kept for another reason', async () => {
    const { keeper, rest } = await loopd({ perHour: 1 });
    const good = exchangeSegments(1, 'gateway', 'inbound', { path: '/' });
    keeper.take(part(1, {}, { records: encodeSegments(good) }));
    keeper.take(
      part(1, {}, { records: encodeSegments(exchangeSegments(2, 'gateway', 'inbound', { answer: { status: 500 } })) }),
    );
    keeper.take(
      part(2, {}, { records: encodeSegments(exchangeSegments(2, 'gateway', 'inbound', { answer: { status: 500 } })) }),
    );
    expect(await rest()).toMatchObject([{ seen: 2, kept: 1 }]);
  });

  it('keep no more after a restart within the hour', async () => {
    const directory = temporaryDirectory();
    const first = await loopd({ directory });
    for (const number of [1, 2, 3]) first.keeper.take(part(number));
    await first.rest();
    await first.store.close();
    const { keeper, rest, store } = await loopd({ directory });
    for (const number of [4, 5, 6]) keeper.take(part(number));
    expect(await rest()).toMatchObject([{ seen: 6, kept: 2 }]);
    expect((await store.list({ purpose: 'failure', limit: 9 })).loops).toHaveLength(2);
  });

  it('tell nobody who it was, nor anything secret', async () => {
    const { keeper, rest, store } = await loopd({ perHour: 1 });
    const secret = '4111111111111111';
    for (const number of [1, 2])
      keeper.take(part(number, { path: `/cards/${secret}?key=hunter2`, headers: { authorization: bearer('anna') } }));
    const text = JSON.stringify(await rest());
    expect(text).toContain('"users":1');
    for (const hidden of [secret, 'hunter2', 'anna']) expect(text).not.toContain(hidden);
    await store.close();
  });

  it('count a user once, also where no originals are kept', async () => {
    const { keeper, rest } = await loopd({ originals: 'none' });
    for (const number of [1, 2, 3]) keeper.take(part(number, { headers: { authorization: bearer('anna') } }));
    expect(await rest()).toMatchObject([{ seen: 3, users: 1 }]);
  });
});

describe('an outage', () => {
  it('brakes the ring, whose counts come to the failure, and lets go when something else shows', async () => {
    const { keeper, outage, orders, rest } = await loopd();
    for (let number = 1; number <= 7; number++) keeper.take(part(number));
    await rest();
    expect(orders).toEqual([{ kind: 'brake', signature: 'pricing fails', forMs: 60_000 }]);
    outage.braked([{ signature: 'pricing fails', count: 300, firstAt: T0 + 10, lastAt: T0 + 20 }]);
    expect(await rest()).toMatchObject([{ seen: 307, unread: 300, guessed: 0, lastSeenAt: T0 + 20 }]);
    keeper.take(part(99, { answer: { status: 500, body: '{"error":"no stock"}' } }));
    await rest();
    expect(orders.at(-1)).toEqual({ kind: 'release', signature: 'pricing fails' });
  });

  it('loses no count when the store has no room for a while, and complains once', async () => {
    let full = true;
    const { keeper, complaints, rest } = await loopd({
      count: async (store, counts) => {
        if (full) throw new StorageError('full', 'There is no space left.');
        return store.countFailures(counts);
      },
    });
    keeper.take(part(1));
    expect(await rest()).toEqual([]);
    keeper.take(part(2));
    await rest();
    full = false;
    keeper.take(part(3));
    expect(await rest()).toMatchObject([{ seen: 3 }]);
    expect(complaints).toHaveLength(1);
  });
});
