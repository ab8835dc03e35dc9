import { describe, expect, it } from 'vitest';
import { lastHours, SPARK_HOURS } from '../../../../console/src/failures/hours.ts';
import { barsPath } from '../../../../console/src/failures/spark.tsx';

const HOUR = 3_600_000;

describe('a sparkline', () => {
  it('has a place for each of the last hours, the newest last; what is older or of the future is not shown', () => {
    const now = 100 * HOUR + 5;
    const counts = lastHours(
      [0, 53, 99, 100, 101].map((hour) => ({ at: hour * HOUR, seen: hour + 1 })),
      now,
    );
    expect(counts).toHaveLength(SPARK_HOURS);
    expect([counts[0], counts.at(-2), counts.at(-1)]).toEqual([54, 100, 101]);
    expect(counts.filter((count) => count > 0)).toHaveLength(3);
  });

  it('shows one of a thousand still', () => {
    expect(barsPath([1, 0, 1000], 1000)).toBe('M0 20v-2h2v2zM6 20v-18h2v18z');
  });
});
