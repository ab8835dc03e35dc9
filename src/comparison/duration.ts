import type { Findings } from './findings.ts';

interface Timed {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Of two durations one is told as a difference when it is so many times the other, and so much more. */
const TIMES = 2;
const MORE_MS = 100;

/** No two durations are the same: only what people would call slow is a difference, the rest is not worth a word. */
export function compareDurations(left: Timed, right: Timed, findings: Findings): void {
  const [one, other] = [left, right].map(({ startedAt, endedAt }) => endedAt - startedAt) as [number, number];
  const [short, long] = [Math.min(one, other), Math.max(one, other)];
  if (long >= short * TIMES && long - short >= MORE_MS)
    findings.add('durationMs', one.toFixed(0), other.toFixed(0), 'value');
}
