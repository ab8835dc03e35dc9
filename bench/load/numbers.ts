/** Figures of repeated rounds, and where they were taken. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** The median of all rounds, and the least and the most. */
export function spread(values: readonly number[]): {
  readonly median: number;
  readonly min: number;
  readonly max: number;
} {
  return {
    median: rounded(median(values)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
  };
}

export function environment(more: Readonly<Record<string, string | undefined>> = {}) {
  const all = cpus();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    kernel: release(),
    node: process.version,
    load: loadavg().map((value) => rounded(value)),
    ...more,
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
