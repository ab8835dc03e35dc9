import { describe, expect, it } from 'vitest';
import { Wheel } from '../../../src/recorder/wheel.ts';
import { ManualTime } from '../../support/manual-time.ts';

function wheel() {
  const time = new ManualTime(1_000);
  const called: string[] = [];
  const turning = new Wheel<string>(time, time.schedule, 50, (item, now) => called.push(`${item} ${now}`));
  return { time, called, turning };
}

describe('a wheel', () => {
  it('calls each item at its time, never early, at most a slot late', () => {
    const { time, called, turning } = wheel();
    turning.add('late', 1_500);
    turning.add('soon', 1_120);
    turning.add('same slot', 1_149);
    time.advance(1_000);
    expect(called).toEqual(['soon 1150', 'same slot 1150', 'late 1500']);
  });

  it('takes items while it calls, also such as are due at once', () => {
    const time = new ManualTime(1_000);
    const called: number[] = [];
    const turning: Wheel<number> = new Wheel<number>(time, time.schedule, 50, (item, now) => {
      called.push(now);
      if (item > 0) turning.add(item - 1, item === 2 ? now : now + 100);
    });
    turning.add(2, 1_010);
    time.advance(1_000);
    expect(called).toEqual([1_050, 1_050, 1_150]);
  });

  it('calls nothing once closed', () => {
    const { time, called, turning } = wheel();
    turning.add('a', 1_100);
    turning.close();
    time.advance(1_000);
    expect(called).toEqual([]);
  });
});
