import { describe, expect, it } from 'vitest';
import { withAttempts } from '../../../src/assembly/attempts.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { attemptsOf } from '../../../src/domain/exchange.ts';
import { exchange, message, stream, T0, vantage } from '../../support/transaction.ts';

const MICROS = { 'request.time': '2026-01-02T03:04:05.000001+00:00', 'source.address': '10.0.0.1:4000' };

function call(number: number, more: Partial<Exchange> = {}): Exchange {
  return exchange(number, {
    vantage: vantage('orders', 'outbound'),
    requestId: 'r-1',
    attributes: MICROS,
    startedAt: T0 + number,
    endedAt: T0 + 100,
    ...more,
  });
}

function attempt(number: number, count: number, more: Partial<Exchange> = {}): Exchange {
  const { response: _none, ...asked } = call(number, {
    peer: { name: 'pricing', address: `10.0.0.7:${count}` },
    attributes: { ...MICROS, 'upstream.request_attempt_count': `${count}` },
    ...more,
  });
  return asked;
}

const answered = (status: number, at: number) => ({
  response: message({ ':status': `${status}` }, '', { startedAt: T0 + at, complete: false }),
});

describe('attempts', () => {
  it('go under their call in the order of their numbers, whatever order they came in', () => {
    const { exchanges, holes } = withAttempts(
      [call(1)],
      [attempt(20, 2), { ...attempt(2, 1), ...answered(503, 9) }, attempt(40, 3)],
    );
    expect(holes).toEqual([]);
    expect(exchanges[0]?.attempts).toEqual([
      {
        id: stream(2),
        number: 1,
        address: '10.0.0.7:1',
        answer: [{ name: ':status', value: '503' }],
        startedAt: T0 + 2,
        endedAt: T0 + 9,
      },
      { id: stream(20), number: 2, address: '10.0.0.7:2', startedAt: T0 + 20, endedAt: T0 + 40 },
      { id: stream(40), number: 3, address: '10.0.0.7:3', startedAt: T0 + 40, endedAt: T0 + 100 },
    ]);
  });

  it('of a fan-out with one request id go by the moment and the caller of each', () => {
    const other = { ...MICROS, 'request.time': '2026-01-02T03:04:05.000900+00:00' };
    const { exchanges } = withAttempts(
      [call(1), call(2, { attributes: other })],
      [attempt(3, 1, { attributes: other }), attempt(4, 1)],
    );
    expect(exchanges.map(({ attempts }) => attempts?.map(({ id }) => id))).toEqual([[stream(4)], [stream(3)]]);
  });

  it('whose Envoy shows less go to the call with their request id that began last', () => {
    const { exchanges } = withAttempts([call(1, { attributes: {} }), call(2, { attributes: {} })], [attempt(3, 1)]);
    expect(exchanges.map(({ attempts }) => attempts?.length)).toEqual([undefined, 1]);
  });

  it.each([
    ['another instance', { vantage: { ...vantage('orders', 'outbound'), instance: 'orders-2' } }],
    ['another request', { requestId: 'r-2' }],
    ['another moment', { attributes: { 'request.time': '2026-01-02T03:04:06+00:00' } }],
    ['an inbound exchange', { vantage: vantage('orders') }],
  ])('are not given to %s: the hole is named', (_what, more) => {
    const { exchanges, holes } = withAttempts([call(1, more)], [attempt(2, 1)]);
    expect(exchanges[0]?.attempts).toBeUndefined();
    expect(holes).toEqual([
      { where: stream(2), what: expect.stringMatching(/^outbound GET \/ at orders: an attempt was recorded/) },
    ]);
  });
});

describe('how often a call was sent', () => {
  it.each([
    ['nothing is known', {}, undefined, 1],
    ['it never left (no route)', { 'upstream.request_attempt_count': '0' }, undefined, 1],
    ['Envoy counted', { 'upstream.request_attempt_count': '4' }, undefined, 4],
    ['no number', { 'upstream.request_attempt_count': 'many' }, undefined, 1],
    ['attempts were recorded', {}, [attempt(2, 1), attempt(3, 2)], 2],
  ])('%s', (_what, attributes, attempts, count) => {
    const [one] = withAttempts([call(1, { attributes })], attempts ?? []).exchanges;
    expect(one && attemptsOf(one)).toBe(count);
  });
});
