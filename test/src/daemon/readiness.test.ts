import { describe, expect, it } from 'vitest';
import { Heartbeat, readinessOf, type ReadinessSources } from '../../../src/daemon/readiness.ts';
import { ManualTime } from '../../support/manual-time.ts';

const WELL: ReadinessSources = {
  isDead: () => false,
  keeperTrouble: () => undefined,
  historyTrouble: () => undefined,
  store: async () => 'well',
};

describe('readiness', () => {
  it('of workers that say their numbers, and of one that says nothing for five seconds', async () => {
    const clock = new ManualTime();
    const heartbeat = new Heartbeat(clock, 2);
    expect(await readinessOf(heartbeat, WELL)).toEqual({ status: 'ready', reasons: [] });
    clock.advance(4000);
    const silent = {};
    heartbeat.heard({}, 0);
    heartbeat.heard(silent, 1);
    clock.advance(4000);
    heartbeat.heard({}, 0);
    // Told again what it said before: nothing is new of it.
    heartbeat.heard(silent, 1);
    expect(await readinessOf(heartbeat, WELL)).toEqual({ status: 'ready', reasons: [] });
    clock.advance(1001);
    expect(await readinessOf(heartbeat, WELL)).toEqual({ status: 'not-ready', reasons: ['sink-silent'] });
    heartbeat.heard({}, 1);
    expect(await readinessOf(heartbeat, WELL)).toEqual({ status: 'ready', reasons: [] });
  });

  it('ends when it stops, or a worker is gone', async () => {
    const heartbeat = new Heartbeat(new ManualTime());
    expect(await readinessOf(heartbeat, { ...WELL, isDead: () => true })).toEqual({
      status: 'not-ready',
      reasons: ['sink-dead'],
    });
    heartbeat.stops();
    expect(await readinessOf(heartbeat, WELL)).toEqual({ status: 'not-ready', reasons: ['stopping'] });
  });

  it('is only worse for what becomes of recordings: sidecars that were sent away would lose the ring, too', async () => {
    const heartbeat = new Heartbeat(new ManualTime());
    const trouble = () => 'The disk /var/lib/loop is full.';
    const all = {
      isDead: () => false,
      keeperTrouble: trouble,
      historyTrouble: trouble,
      store: async () => 'full' as const,
    };
    expect(await readinessOf(heartbeat, all)).toEqual({
      status: 'degraded',
      reasons: ['store-full', 'recordings-wait', 'history-failing'],
    });
  });
});
