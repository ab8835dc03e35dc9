import { describe, expect, it } from 'vitest';
import { Brakes } from '../../../src/daemon/brakes.ts';
import type { GuessedCount } from '../../../src/daemon/fingerprints.ts';
import type { BrakeOrder } from '../../../src/recorder/brake.ts';
import { ManualTime } from '../../support/manual-time.ts';
import { fingerprint } from '../../support/transaction.ts';

const HOUR = 3_600_000;

function braking(begin = 10 * HOUR) {
  const clock = new ManualTime(begin);
  const orders: BrakeOrder[] = [];
  const counts: GuessedCount[] = [];
  const brakes = new Brakes({
    clock,
    loopsPerHour: 20,
    order: (order) => orders.push(order),
    counted: (count) => counts.push(count),
  });
  const look = (failure: number, kept: boolean, times = 1): void => {
    for (let time = 0; time < times; time++)
      brakes.lookedAt('s', { fingerprint: fingerprint(failure), version: 'pricing@1', kept });
  };
  return { clock, brakes, look, takeOrders: () => orders.splice(0), counts };
}

const BRAKE = { kind: 'brake', signature: 's', forMs: 60_000 };
const RELEASE = { kind: 'release', signature: 's' };

describe('the ring brakes', () => {
  it('after several refusals in a row, and not before', () => {
    const { look, takeOrders } = braking();
    look(1, true, 3);
    look(1, false, 4);
    look(1, true);
    look(1, false, 4);
    expect(takeOrders()).toEqual([]);
    look(1, false);
    expect(takeOrders()).toEqual([BRAKE]);
  });

  it('for longer with every probe that is refused', () => {
    const { look, takeOrders, clock } = braking();
    look(1, false, 9);
    for (let probe = 0; probe < 3; probe++) {
      clock.advance(1000);
      look(1, false);
    }
    expect(takeOrders()).toEqual([BRAKE, BRAKE, BRAKE, BRAKE]);
  });

  it('no longer than the hour lasts', () => {
    const { look, takeOrders } = braking(11 * HOUR - 2_000);
    look(1, false, 5);
    expect(takeOrders()).toEqual([{ ...BRAKE, forMs: 2_000 }]);
  });

  it('no more when a loop was admitted behind the signature', () => {
    const { look, takeOrders } = braking();
    look(1, false, 5);
    look(2, true);
    look(1, false, 4);
    expect(takeOrders()).toEqual([BRAKE, RELEASE]);
    look(1, false);
    expect(takeOrders()).toEqual([BRAKE]);
  });

  it('no more when a failure not seen before is behind the signature, although it is refused', () => {
    const { look, takeOrders } = braking();
    look(1, false, 5);
    look(2, false);
    expect(takeOrders()).toEqual([BRAKE, RELEASE]);
    look(1, false);
    look(2, false, 3);
    expect(takeOrders()).toEqual([BRAKE]);
  });
});

describe('the ring brakes before anything was refused', () => {
  const arrive = ({ brakes }: ReturnType<typeof braking>, times: number, share = 0): void => {
    for (let time = 0; time < times; time++) brakes.arrived('s', share);
  };

  it('when more wait to be looked at than could be kept', () => {
    const ring = braking();
    arrive(ring, 24);
    expect(ring.takeOrders()).toEqual([]);
    arrive(ring, 1);
    expect(ring.takeOrders()).toEqual([BRAKE]);
  });

  it('when a few wait and the room for what waits is scarce', () => {
    const ring = braking();
    arrive(ring, 5, 0.3);
    expect(ring.takeOrders()).toEqual([]);
    arrive(ring, 1, 0.3);
    expect(ring.takeOrders()).toEqual([BRAKE]);
  });

  it('until those were looked at and some kept', () => {
    const ring = braking();
    arrive(ring, 25);
    for (let waiting = 25; waiting > 5; waiting--) {
      ring.look(1, true);
      ring.brakes.done('s');
    }
    expect(ring.takeOrders()).toEqual([BRAKE]);
    ring.look(1, true);
    expect(ring.takeOrders()).toEqual([RELEASE]);
  });

  it('and what it counts meanwhile waits for the first that is looked at', () => {
    const { brakes, look, counts } = braking();
    brakes.arrived('s', 0);
    brakes.counted([{ signature: 's', count: 7, firstAt: 1, lastAt: 2 }]);
    expect(counts).toEqual([]);
    look(1, true);
    expect(counts).toMatchObject([{ fingerprint: fingerprint(1), count: 7, guessed: false }]);
  });
});

describe('what the ring has counted', () => {
  const counted = { signature: 's', count: 300, firstAt: 1, lastAt: 2 };

  it('goes to the failure that was looked at last', () => {
    const { look, brakes, counts } = braking();
    look(1, false, 5);
    brakes.counted([counted, { ...counted, signature: 'never heard of' }]);
    expect(counts).toEqual([
      { fingerprint: fingerprint(1), version: 'pricing@1', count: 300, firstAt: 1, lastAt: 2, guessed: false },
    ]);
  });

  it('is a guess while the last ones looked at were several failures, divided as there were of each', () => {
    const { look, brakes, counts } = braking();
    look(2, true, 3);
    look(1, false, 7);
    brakes.counted([{ ...counted, count: 7 }]);
    look(1, false, 3);
    brakes.counted([counted]);
    expect(counts.map((count) => [count.fingerprint, count.count, count.guessed])).toEqual([
      [fingerprint(2), 2, true],
      [fingerprint(1), 5, true],
      [fingerprint(1), 300, false],
    ]);
  });
});
