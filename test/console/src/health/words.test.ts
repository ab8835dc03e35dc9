import { describe, expect, it } from 'vitest';
import { shareText, wordsOf } from '../../../../console/src/health/fates.tsx';
import { describe as told, timesOf, valueText } from '../../../../console/src/health/words.ts';

describe('a number over time', () => {
  const series = { name: 'historySeconds', unit: 'seconds', points: [null, 300, 332, null] } as const;

  it('is told to who cannot see the plot', () => {
    expect(told(series)).toBe('History: now 5 min 32 s, between 5 min and 5 min 32 s in this time.');
    expect(told({ ...series, points: [null] })).toBe('History: nothing is known yet.');
  });

  it('ends when it was asked for', () => {
    expect(timesOf(series, 100_000, 10_000)).toEqual([70, 80, 90, 100]);
  });

  it('has its unit', () => {
    expect([valueText(1500, 'bytes'), valueText(2.25, 'milliseconds'), valueText(0.5, 'count')]).toEqual([
      '1.5 kB',
      '2.3 ms',
      '0.5',
    ]);
  });

  it('has its share, however small', () => {
    expect([shareText(0, 10), shareText(1, 100_000), shareText(5, 10), shareText(1, 0)]).toEqual([
      '0.0 %',
      '< 0.1 %',
      '50.0 %',
      '–',
    ]);
    expect(wordsOf('inFlight')).toBe('in flight');
  });
});
