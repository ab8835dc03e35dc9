import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barOf, duration, scaleOf, ticksOf } from '../../../../console/src/loop/scale.ts';

test('a bar lies where it was', () => {
  expect(barOf({ startedAt: 1000, durationMs: 200 }, { startedAt: 1050, endedAt: 1100 })).toEqual({
    left: 25,
    width: 25,
  });
});

test('ticks are round', () => {
  expect(ticksOf({ startedAt: 0, durationMs: 26 }).map(({ label }) => label)).toEqual([
    '0',
    '5 ms',
    '10 ms',
    '15 ms',
    '20 ms',
    '',
  ]);
  expect(ticksOf({ startedAt: 0, durationMs: 2400 }).map(({ label }) => label)).toEqual([
    '0',
    '500 ms',
    '1 s',
    '1.5 s',
    '2 s',
  ]);
});

test('whatever the clocks said, bars stay inside and ticks are few', () => {
  const time = fc.double({ noDefaultInfinity: false });
  fc.assert(
    fc.property(time, time, time, time, (startedAt, endedAt, from, to) => {
      const scale = scaleOf({ startedAt, endedAt });
      const { left, width } = barOf(scale, { startedAt: from, endedAt: to });
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(100.001);
      expect(width).toBeGreaterThanOrEqual(0);
      expect(ticksOf(scale).length).toBeLessThan(12);
    }),
  );
});

test.each([
  [0, '0'],
  [0.078, '0.08 ms'],
  [26.1, '26.1 ms'],
  [999, '999 ms'],
  [1350, '1.35 s'],
  [250_000, '4 min 10 s'],
  [-12, '-12 ms'],
  [Number.NaN, '?'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
