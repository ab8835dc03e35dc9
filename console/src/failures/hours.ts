const HOUR_MS = 3_600_000;

/** How many hours a sparkline has. */
export const SPARK_HOURS = 48;

/** Counts of the last `SPARK_HOURS` hours up to the one of `now`, oldest first; hours without any are 0. */
export function lastHours(
  hours: readonly { readonly at: number; readonly seen: number }[],
  now: number,
): readonly number[] {
  const last = Math.floor(now / HOUR_MS);
  const counts = Array.from({ length: SPARK_HOURS }, () => 0);
  for (const { at, seen } of hours) {
    const place = SPARK_HOURS - 1 - (last - Math.floor(at / HOUR_MS));
    if (place >= 0 && place < SPARK_HOURS) counts[place] = (counts[place] ?? 0) + Math.max(0, seen);
  }
  return counts;
}
