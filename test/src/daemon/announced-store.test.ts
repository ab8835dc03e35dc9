import { expect, it } from 'vitest';
import type { LoopEvent } from '../../../src/api/contract/results.ts';
import { EventLog } from '../../../src/api/events.ts';
import { announcedStore } from '../../../src/daemon/announced-store.ts';
import { installation, saveLoop } from '../../support/api.ts';
import { fingerprint, loopId } from '../../support/transaction.ts';

function heard(log: EventLog): readonly LoopEvent[] {
  const events: LoopEvent[] = [];
  for (let at = 0; ; at += 1) {
    const next = log.after(at);
    if (next === undefined || next === 'missed') return events;
    events.push(next.event);
  }
}

it('what is saved, changed, counted and deleted is told behind it, and what serves replays only is not', async () => {
  const home = await installation();
  const log = new EventLog(1);
  const { store, serviceOf } = announcedStore(home.store, log);
  const told = { ...home, store };
  const { id } = await saveLoop(told, 1, new Uint8Array(4));
  await saveLoop(told, 2, new Uint8Array(4), { purpose: 'exemplar' });
  const stored = await home.store.get(id);
  await store.save({ ...stored, parts: [] });
  const what = { service: 'pricing', method: 'GET', route: '/', kind: 'status', summary: '500' };
  const of = { fingerprint: fingerprint(1), firstAt: 1, lastAt: 1, hours: [], unread: 0, guessed: 0 };
  await store.countFailures([{ ...of, versions: {}, users: [], what }]);
  await store.delete(id);
  expect(heard(log)).toMatchObject([
    // Kept and changed: with the loop goes what was told of it.
    { kind: 'missed' },
    { kind: 'missed' },
    { kind: 'failures-counted', fingerprints: [fingerprint(1)] },
    { kind: 'loop-deleted', id: loopId(1) },
  ]);
  expect([serviceOf(fingerprint(1)), serviceOf(fingerprint(2))]).toEqual(['pricing', undefined]);
  expect((await store.list({ purpose: 'exemplar', limit: 9 })).loops).toHaveLength(1);
});
