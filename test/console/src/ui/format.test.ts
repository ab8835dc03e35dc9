import { describe, expect, it } from 'vitest';
import { bytesText, durationText, longSpanText, spanText, timeText } from '../../../../console/src/ui/format.ts';
import { tabAfter } from '../../../../console/src/ui/tabs.tsx';

describe('values for people', () => {
  it('are short, and tell what matters', () => {
    expect([0, 999, 1000, 123_456, 5e12].map(bytesText)).toEqual(['0 B', '999 B', '1.0 kB', '123 kB', '5.0 TB']);
    expect([0.84, 1.25, 12.4, 3400, 120_000].map(durationText)).toEqual([
      '840 µs',
      '1.3 ms',
      '12 ms',
      '3.40 s',
      '2 min',
    ]);
    expect([-5, 59_000, 3_599_000, 47 * 3_600_000, 6 * 86_400_000].map(spanText)).toEqual([
      '0 s',
      '59 s',
      '59 min',
      '47 h',
      '6 d',
    ]);
    expect([59_000, 60_000, 312_000, 12_000_000].map(longSpanText)).toEqual([
      '59 s',
      '1 min',
      '5 min 12 s',
      '3 h 20 min',
    ]);
  });

  it('have a day when it is not today', () => {
    const at = new Date(2026, 10, 22, 9, 5, 7, 8).getTime();
    expect(timeText(at, at)).toBe('09:05:07.008');
    expect(timeText(at, at + 86_400_000)).toBe('2026-11-22 09:05:07.008');
  });
});

describe('tabs', () => {
  it('are gone through with arrows, round and round', () => {
    const tabs = ['a', 'b', 'c'].map((id) => ({ id, label: id }));
    const after = (chosen: string, key: string) => tabAfter(tabs, chosen, key)?.id;
    expect([
      after('a', 'ArrowRight'),
      after('c', 'ArrowRight'),
      after('a', 'ArrowLeft'),
      after('b', 'End'),
      after('b', 'x'),
    ]).toEqual(['b', 'a', 'c', 'c', undefined]);
  });
});
