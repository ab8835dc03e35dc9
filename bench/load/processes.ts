/** Where processes run, and what they took: Linux only. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** What is measured is a little above the rest of the machine, and below what makes the load. */
const MEASURED_NICE = -5;

/**
 * All threads that a process has, and those they start, on one core, and all that is placed like this at one priority, above whatever else the
 * machine does, where the system allows (root). Needs `taskset` (util-linux).
 */
export function place(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      setPriority(Number(task), MEASURED_NICE);
    } catch {
      // Not root, or the thread has ended.
    }
  }
}

const AUTOGROUP = '/proc/self/autogroup';

/**
 * Linux shares cores between sessions first (sched_autogroup), so that priorities count for little beside another session's work: this one is put
 * above them until it is let go, where the system allows (root).
 */
export function aboveOthers(): { [Symbol.dispose](): void } {
  const set = (nice: number): void => {
    try {
      writeFileSync(AUTOGROUP, String(nice));
    } catch {
      // Not root, or no such groups.
    }
  };
  set(-10);
  return { [Symbol.dispose]: () => set(0) };
}

/** Of all threads of a process, in seconds. */
export interface Cpu {
  /** To the nanosecond, where /proc/<pid>/stat counts ticks of 10 ms. */
  readonly ran: number;
  /** For a core: it was wanted by others. */
  readonly waited: number;
}

export function cpuOf(pid: number): Cpu {
  const cpu = { ran: 0, waited: 0 };
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [ran, waited] = schedstat(`/proc/${pid}/task/${task}`).split(' ');
    cpu.ran += Number(ran) / 1e9;
    cpu.waited += Number(waited) / 1e9;
  }
  return cpu;
}

function schedstat(task: string): string {
  try {
    return readFileSync(`${task}/schedstat`, 'utf8');
  } catch {
    // It ended between the two looks.
    return '0 0 0';
  }
}

export function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb ?? 0) / 1024);
}
