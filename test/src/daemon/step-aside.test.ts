import { execFile } from 'node:child_process';
import { release } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SLICE_NS } from '../../../src/daemon/step-aside.ts';

const MODULE = new URL('../../../src/daemon/step-aside.ts', import.meta.url);

/** In a process of its own, that a test thread keeps what it has. Threads: those that were there, and one that was started behind the call. */
const PROGRAM = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { getPriority } from 'node:os';
  import { Worker } from 'node:worker_threads';
  import { stepAside } from ${JSON.stringify(MODULE.href)};
  const nice = getPriority();
  const outcome = await stepAside();
  const later = new Worker('setInterval(() => {}, 1000)', { eval: true });
  later.once('online', () => {
    const slices = readdirSync('/proc/self/task').map((thread) =>
      Number(/^se\\.slice\\s*:\\s*(\\d+)/m.exec(readFileSync('/proc/self/task/' + thread + '/sched', 'utf8'))?.[1]),
    );
    console.log(JSON.stringify({ outcome, slices, niceness: [nice, getPriority()] }));
    process.exit();
  });
`;

interface Told {
  readonly outcome: { readonly done: boolean; readonly reason?: string };
  /** Nanoseconds; null where Linux does not tell. */
  readonly slices: readonly (number | null)[];
  readonly niceness: readonly [number, number];
}

/** 6.12 brought slices of one's own. */
function slicesCanBeChosen(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 12));
}

describe('a process that steps aside', () => {
  it('asks for long slices with all its threads, keeps its priority, and says so where it cannot', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM]);
    const { outcome, slices, niceness } = JSON.parse(stdout) as Told;
    const can = slicesCanBeChosen();
    const reason = expect.stringMatching(/Linux 6\.12|not known how/) as string;
    expect(outcome).toEqual(can ? { done: true } : { done: false, reason });
    expect(slices.length).toBeGreaterThan(5);
    expect(slices.every((slice) => slice === Number(SLICE_NS))).toBe(can);
    expect(niceness[1]).toBe(niceness[0]);
  });
});
