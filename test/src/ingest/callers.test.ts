import { describe, expect, test } from 'vitest';
import { Callers } from '../../../src/ingest/callers.ts';
import { decodeHeaders, encodeHeaders } from '../../../src/wire/extproc/headers.ts';

const headers = (pairs: Readonly<Record<string, string>>) =>
  Object.entries(pairs).map(([name, value]) => ({ name, value }));
const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('who calls', () => {
  test('is worked out once for the same array, and for the same content', () => {
    const callers = new Callers();
    const metadata = headers(ORDERS);
    const caller = callers.of(metadata);
    expect(callers.of(metadata)).toBe(caller);
    callers.of(headers({ ...ORDERS, 'x-loop-instance': 'orders-2' }));
    expect(callers.of(metadata)).toBe(caller);
    expect(callers.of(headers(ORDERS))).toBe(caller);
  });

  test('is told with its metadata as it is stored', () => {
    const metadata = headers({ ...ORDERS, 'x-é': 'v'.repeat(300) });
    const { call } = new Callers().of(metadata);
    expect(call).toMatchObject({ metadata, vantage: { service: 'orders', instance: 'orders-1' }, protocol: 'http' });
    expect(call?.encoded).toEqual(encodeHeaders(metadata));
    expect(decodeHeaders(call?.encoded ?? new Uint8Array(), 0, Infinity)).toEqual(metadata);
  });

  test('a trace is of one call, the vantage of all', () => {
    const callers = new Callers();
    const [one, other] = ['4', '5'].map((digit) =>
      callers.of(headers({ ...ORDERS, traceparent: TRACEPARENT.replaceAll('4', digit) })),
    );
    expect(one?.call?.trace?.traceId).not.toBe(other?.call?.trace?.traceId);
    expect(one?.call?.vantage).toBe(other?.call?.vantage);
  });

  test('nothing runs together where values move between headers', () => {
    const callers = new Callers();
    const one = callers.of(headers({ ...ORDERS, 'x-loop-instance': 'a1 1 b' }));
    const other = callers.of(headers({ ...ORDERS, 'x-loop-instance': 'a', '1': '1 b' }));
    expect(one.speaker.vantage.instance).toBe('a1 1 b');
    expect(other.speaker.vantage.instance).toBe('a');
  });

  test('metadata that names nobody leaves it to the first message', () => {
    expect(new Callers().of(headers({ 'x-loop-protocol': 'postgres' }))).toMatchObject({
      speaker: { protocol: 'postgres' },
      call: undefined,
    });
  });

  test('are remembered up to a number of bytes', () => {
    const callers = new Callers();
    const first = headers({ ...ORDERS, 'x-large': 'x'.repeat(8000) });
    const known = callers.of(first);
    const others = (count: number) => {
      for (let number = 0; number < count; number++)
        callers.of(headers({ ...ORDERS, 'x-large': `${number} ${'x'.repeat(8000)}` }));
    };
    others(100);
    expect(callers.of(first)).toBe(known);
    others(200);
    expect(callers.of(first)).not.toBe(known);
    expect(callers.of(first)).toEqual(known);
  });

  test('more callers than are remembered are still told apart', () => {
    const callers = new Callers();
    for (let number = 0; number < 3000; number++) {
      const instance = `orders-${number}`;
      expect(callers.of(headers({ ...ORDERS, 'x-loop-instance': instance })).speaker.vantage.instance).toBe(instance);
    }
  });
});
