/** Where processes run, and what they took: Linux only. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** All threads that a process has, and those they start, on one core. Needs `taskset` (util-linux). */
export function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** What the threads of a process have run so far, in seconds; to the nanosecond, where /proc/<pid>/stat counts ticks of 10 ms. */
export function cpuSeconds(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  let nanoseconds = 0;
  for (const task of readdirSync(tasks)) nanoseconds += Number(schedstat(`${tasks}/${task}`).split(' ')[0]);
  return nanoseconds / 1e9;
}

function schedstat(task: string): string {
  try {
    return readFileSync(`${task}/schedstat`, 'utf8');
  } catch {
    // It ended between the two looks.
    return '0';
  }
}

export function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb ?? 0) / 1024);
}

/** Beside every figure: on a machine that does something else they are worth less. */
export function environment() {
  return {
    node: process.version,
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    loadBefore: round(loadavg()[0] ?? 0),
  };
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Of an even number of them, the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
}
