import { describe, expect, it, onTestFinished } from 'vitest';
import type { FailureCount } from '../../../storage/fingerprints.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { fingerprint, loopId, loopSummary } from '../../support/transaction.ts';

const HOUR = 3_600_000;
const WHAT = { service: 'pricing', method: 'GET', route: '/price/*', kind: 'status', summary: '500' };

async function open(directory = temporaryDirectory()): Promise<LoopStore> {
  const store = await openLocalStore(directory, { clock: { now: () => 0 } });
  onTestFinished(() => store.close());
  return store;
}

function count(number: number, at: number, seen: number, more: Partial<FailureCount> = {}): FailureCount {
  const hours = [{ hour: Math.floor(at / HOUR) * HOUR, seen, kept: 0 }];
  const base = {
    firstAt: at,
    lastAt: at,
    hours,
    unread: 0,
    guessed: 0,
    versions: { 'pricing@1': seen },
    users: [],
    what: WHAT,
  };
  return { fingerprint: fingerprint(number), ...base, ...more };
}

const digest = (number: number) => number.toString(16).padStart(32, '0');

describe('failures are counted by fingerprint', () => {
  it('and add up: from the first to the last, by hour and version, also after the store was opened again', async () => {
    const directory = temporaryDirectory();
    const store = await open(directory);
    await store.countFailures([count(1, 10 * HOUR + 5, 3, { users: [digest(1), digest(2)] })]);
    await store.countFailures([
      count(1, 11 * HOUR, 2, { versions: { 'pricing@2': 2 }, users: [digest(2), digest(3)], unread: 2, guessed: 1 }),
      count(2, 9 * HOUR, 1),
    ]);
    await store.close();
    const again = await open(directory);
    const listed = await again.fingerprints({ limit: 9 });
    expect(listed).toEqual([
      {
        fingerprint: fingerprint(1),
        firstSeenAt: 10 * HOUR + 5,
        lastSeenAt: 11 * HOUR,
        seen: 5,
        unread: 2,
        guessed: 1,
        kept: 0,
        ...WHAT,
        versions: [
          { version: 'pricing@1', seen: 3 },
          { version: 'pricing@2', seen: 2 },
        ],
        users: 3,
        moreUsers: false,
        hours: [
          { at: 10 * HOUR, seen: 3 },
          { at: 11 * HOUR, seen: 2 },
        ],
      },
      expect.objectContaining({ fingerprint: fingerprint(2), seen: 1 }),
    ]);
  });

  it('with the loops there are of it, the newest named', async () => {
    const store = await open();
    const of = (number: number) => loopSummary(number, { fingerprint: fingerprint(1), startedAt: number });
    for (const number of [1, 3, 2]) await store.save(sealedLoop(number, { summary: of(number) }));
    await store.countFailures([count(1, 5, 100)]);
    expect(await store.fingerprints({ limit: 1 })).toMatchObject([{ seen: 100, kept: 3, newest: loopId(3) }]);
    await store.delete(loopId(3));
    expect(await store.fingerprints({ limit: 1 })).toMatchObject([{ kept: 2, newest: loopId(2) }]);
  });

  it('last seen first; by service, by time, or some of them', async () => {
    const store = await open();
    await store.countFailures([
      count(1, 10, 1),
      count(2, 30, 1, { what: { ...WHAT, service: 'orders' } }),
      count(3, 20, 1),
    ]);
    const listed = async (query: Partial<Parameters<LoopStore['fingerprints']>[0]>) =>
      (await store.fingerprints({ limit: 9, ...query })).map((one) => Number.parseInt(one.fingerprint, 16));
    expect(await listed({})).toEqual([2, 3, 1]);
    expect(await listed({ limit: 1 })).toEqual([2]);
    expect(await listed({ service: 'pricing' })).toEqual([3, 1]);
    expect(await listed({ since: 20 })).toEqual([2, 3]);
    expect(await listed({ among: [fingerprint(1), fingerprint(9)] })).toEqual([1]);
  });

  it('and move when a late part gives a loop another fingerprint: what is left of the first is nothing', async () => {
    const store = await open();
    await store.countFailures([count(1, 10, 1)]);
    await store.countFailures([count(1, 10, -1), count(2, 10, 1), count(3, 10, -1)]);
    expect(await store.fingerprints({ limit: 9 })).toMatchObject([{ fingerprint: fingerprint(2), seen: 1 }]);
  });
});

describe('what is counted is bounded', () => {
  it('users exactly up to a thousand, then as more', async () => {
    const store = await open();
    const users = Array.from({ length: 1000 }, (_, index) => digest(index));
    await store.countFailures([count(1, 1, 1, { users })]);
    expect(await store.fingerprints({ limit: 1 })).toMatchObject([{ users: 1000, moreUsers: false }]);
    await store.countFailures([count(1, 1, 1, { users: [digest(1), digest(5000), digest(5001)] })]);
    expect(await store.fingerprints({ limit: 1 })).toMatchObject([{ users: 1000, moreUsers: true }]);
  });

  it('versions beyond the first are one', async () => {
    const store = await open();
    const versions = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`pricing@${index}`, 1]));
    await store.countFailures([count(1, 1, 40, { versions })]);
    const [one] = await store.fingerprints({ limit: 1 });
    expect([one?.versions.length, one?.versions[0]]).toEqual([33, { version: 'others', seen: 8 }]);
  });

  it('hours beyond the last week are in the sum alone', async () => {
    const store = await open();
    await store.countFailures([count(1, 0, 7)]);
    await store.countFailures([count(1, 200 * HOUR, 1)]);
    expect(await store.fingerprints({ limit: 1 })).toMatchObject([{ seen: 8, hours: [{ at: 200 * HOUR, seen: 1 }] }]);
  });

  it('fingerprints: the one not seen for longest goes first', async () => {
    const store = await open();
    await store.countFailures(Array.from({ length: 2001 }, (_, index) => count(index, index, 1)));
    expect(await store.fingerprints({ limit: 9, among: [fingerprint(0), fingerprint(1)] })).toMatchObject([
      { fingerprint: fingerprint(1) },
    ]);
  });

  it('what was not seen for long is forgotten', async () => {
    const store = await open();
    await store.countFailures([count(1, 10, 1, { users: [digest(1)] }), count(2, 20, 1)]);
    expect(await store.expireFingerprints(20)).toBe(1);
    expect(await store.fingerprints({ limit: 9 })).toMatchObject([{ fingerprint: fingerprint(2) }]);
  });
});

it('the budget finds again what the hour has kept: by count, and by the loops a crash left uncounted', async () => {
  const store = await open();
  const kept = (number: number, hour: number, of: number) =>
    count(number, hour, of, { hours: [{ hour, seen: of, kept: of }] });
  await store.countFailures([kept(1, 5 * HOUR, 3), kept(2, 4 * HOUR, 9)]);
  for (const number of [1, 2])
    await store.save(
      sealedLoop(number, { summary: loopSummary(number, { fingerprint: fingerprint(3), startedAt: 5 * HOUR + 1 }) }),
    );
  expect(await store.keptInHour(5 * HOUR)).toEqual(
    new Map([
      [fingerprint(1), 3],
      [fingerprint(3), 2],
    ]),
  );
});
