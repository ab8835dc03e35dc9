import { describe, expect, it } from 'vitest';
import { editedBy } from '../../../replay-sandbox/edit/answers.ts';
import { readSet } from '../../../replay-sandbox/edit/change.ts';
import { openRecording } from '../../../replay-sandbox/open.ts';
import { editedCast, planCast } from '../../../replay-sandbox/plan/cast.ts';
import type { Recording } from '../../../replay-sandbox/plan/plan.ts';
import { statusOf } from '../../../src/domain/exchange.ts';
import { exchangeSegments, recordingOf } from '../../support/recording.ts';

const failed = { status: 500 };

/** orders asks pricing and rates; pricing asks stock. */
function cascade(): Recording {
  const quote = { path: '/quote', authority: 'pricing.shop:8080', answer: failed };
  const left = { path: '/left', authority: 'stock', answer: failed };
  const file = recordingOf({
    service: 'orders',
    trigger: { path: '/buy', answer: failed, lasted: 40 },
    calls: [
      { ...quote, at: 1, lasted: 30 },
      { path: '/eur', authority: 'rates.test', at: 35 },
    ],
    more: [
      ...exchangeSegments(11, 'pricing', 'inbound', { ...quote, at: 2, lasted: 25 }),
      ...exchangeSegments(12, 'pricing', 'outbound', { ...left, at: 3, lasted: 20 }).map((one) => ({
        ...one,
        owner: 11,
      })),
      ...exchangeSegments(13, 'stock', 'inbound', { ...left, at: 4, lasted: 10 }),
    ],
  });
  return openRecording(file, undefined);
}

const plan = (...services: readonly string[]) => planCast(cascade(), services);

describe('which services run', () => {
  it('one, or nobody named: no doors', () => {
    expect(plan('pricing')).toMatchObject({ plans: [{ service: 'pricing' }], doors: [] });
    expect(plan().doors).toEqual([]);
  });

  it('the one above the others takes the trigger, in whatever order they are named', () => {
    const { plans, doors } = plan('pricing', 'orders');
    expect(plans.map(({ service, trigger }) => [service, trigger.vantage.direction])).toEqual([
      ['orders', 'inbound'],
      ['pricing', 'inbound'],
    ]);
    expect(doors).toEqual([{ from: 'orders', name: 'pricing.shop', port: 8080, to: 'pricing' }]);
  });

  it('three of them', () => {
    const { plans, doors } = plan('stock', 'orders', 'pricing');
    expect(plans[0].service).toBe('orders');
    expect(doors.map(({ from, to }) => `${from} ${to}`).toSorted()).toEqual(['orders pricing', 'pricing stock']);
  });

  it('one behind a mocked one, or that was never asked', () => {
    expect(() => plan('orders', 'stock')).toThrow('"stock" is called by "pricing"');
    expect(() => plan('orders', 'nobody')).toThrow('The recording holds no request to "nobody"');
  });
});

describe('changed answers of several services', () => {
  const statuses = ({ plans }: ReturnType<typeof planCast>) =>
    plans.map(({ http }) => http.map(({ exchange }) => statusOf(exchange)));
  const cast = plan('orders', 'pricing');

  it('a number, or words, of the list are of the service that takes the request', () => {
    expect(statuses(editedCast(cast, { whatIf: editedBy([readSet('1:status=418')]) }))).toEqual([[418, 200], [500]]);
    expect(statuses(editedCast(cast, { whatIf: editedBy([readSet('rates status=418')]) }))).toEqual([
      [500, 418],
      [500],
    ]);
  });

  it('what is changed for all comes after it', () => {
    const edit = editedBy([readSet('1:status=503')]);
    expect(statuses(editedCast(cast, { whatIf: editedBy([readSet('1:status=418')]), edit }))).toEqual([
      [503, 200],
      [503],
    ]);
    expect(statuses(editedCast(cast, {}))).toEqual(statuses(cast));
  });
});
