import { expect, it } from 'vitest';
import { harTimings, isoTime, timeOf } from '../../../src/har/timings.ts';

function side(startedAt: number, endedAt: number) {
  return { headers: [], body: { kind: 'empty' } as const, trailers: [], startedAt, endedAt, complete: true };
}

it.each([
  ['one after the other', { request: side(0, 2), response: side(7, 9), endedAt: 9 }, [2, 5, 2], 9],
  ['a stream, whose sides overlap', { request: side(0, 8), response: side(3, 9), endedAt: 9 }, [3, 0, 6], 9],
  ['no answer', { request: side(0, 2), endedAt: 30 }, [2, 28, -1], 30],
  ['an answer alone', { response: side(5, 6), endedAt: 6 }, [-1, -1, 1], 1],
  ['neither', { endedAt: 6 }, [-1, -1, -1], 0],
  ['clocks that went back', { request: side(10, 4), response: side(3, 1), endedAt: 1 }, [0, 0, 0], 0],
])('%s', (_, exchange, parts, whole) => {
  const timings = harTimings(exchange);
  expect([timings.send, timings.wait, timings.receive]).toEqual(parts);
  expect(timeOf(timings)).toBe(whole);
});

it('a time that is none is the nearest one', () => {
  expect(isoTime(Date.UTC(2026, 0, 2))).toBe('2026-01-02T00:00:00.000Z');
  expect(isoTime(-1e300)).toBe('1970-01-01T00:00:00.000Z');
  expect(isoTime(1e300)).toBe('9999-12-31T23:59:59.999Z');
});
