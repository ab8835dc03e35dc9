import { describe, expect, it } from 'vitest';
import { deleteExpired, replaceCompanions } from '../../../src/daemon/retention.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { loopId, loopSummary } from '../../support/transaction.ts';

const DAY = 86_400_000;

async function listed(store: LoopStore, purpose: 'failure' | 'ambient'): Promise<readonly string[]> {
  return (await store.list({ purpose, limit: 100 })).loops.map((loop) => loop.id);
}

describe('what leaves the store by itself', () => {
  it('is past its age, and named by nobody', async () => {
    const store = await openLocalStore(temporaryDirectory(), { clock: { now: () => 10 * DAY } });
    await store.save(sealedLoop(1, { summary: loopSummary(1, { purpose: 'ambient', startedAt: DAY }) }));
    await store.save(sealedLoop(2, { summary: loopSummary(2, { startedAt: DAY }) }));
    await store.save(sealedLoop(3, { summary: loopSummary(3, { startedAt: 9 * DAY }), companions: [loopId(1)] }));
    expect(await deleteExpired(store, 7, { now: () => 10 * DAY })).toBe(1);
    expect([await listed(store, 'failure'), await listed(store, 'ambient')]).toEqual([[loopId(3)], [loopId(1)]]);
    await store.close();
  });

  it('is an ambient answer that two newer ones have replaced', async () => {
    const store = await openLocalStore(temporaryDirectory(), { clock: { now: () => 0 } });
    for (const number of [1, 2, 3, 4]) {
      const path = number === 4 ? '/flags' : '/jwks';
      const summary = loopSummary(number, {
        purpose: 'ambient',
        startedAt: number,
        service: 'pricing',
        services: ['pricing'],
        method: 'GET',
        path,
      });
      await store.save(sealedLoop(number, { summary }));
      await replaceCompanions(store, summary);
    }
    expect(await listed(store, 'ambient')).toEqual([loopId(4), loopId(3), loopId(2)]);
    await store.close();
  });

  it('is the start of a connection only when eight newer ones are there: those of a pool differ', async () => {
    const store = await openLocalStore(temporaryDirectory(), { clock: { now: () => 0 } });
    for (let number = 1; number <= 9; number += 1) {
      const whose = { service: 'pricing', services: ['pricing'], method: '?', path: '?' };
      const summary = loopSummary(number, { purpose: 'ambient', startedAt: number, ...whose });
      await store.save(sealedLoop(number, { summary }));
      await replaceCompanions(store, summary);
    }
    expect(await listed(store, 'ambient')).toEqual([9, 8, 7, 6, 5, 4, 3, 2].map(loopId));
    await store.close();
  });
});
