/** loopd as a process of its own, and what it takes while something is done to it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChildLoopd } from '../../test/support/child-loopd.ts';
import type { ChildLoopd } from '../../test/support/child-loopd.ts';

const LOOK_MS = 250;

export interface Stage {
  readonly loopd: ChildLoopd;
  /** Unix socket of its sink. */
  readonly socket: string;
  readonly data: string;
}

/** What loopd took while it was watched: resident memory in MB, and the worst second of its ingest thread's event loop in ms, by percentile. */
export interface Watched {
  readonly peakMb: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

export async function openStage(): Promise<Stage & AsyncDisposable> {
  const data = mkdtempSync(join(tmpdir(), 'loop-memory-'));
  const loopd = await startChildLoopd(data);
  return {
    loopd,
    data,
    socket: join(data, 'sink.sock'),
    async [Symbol.asyncDispose]() {
      await loopd.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Resident memory, MB. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Runs `work` and looks at loopd meanwhile. */
export async function watch<Result>(
  { loopd }: Stage,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly watched: Watched }> {
  const over = new AbortController();
  const watching = look(loopd, over.signal);
  try {
    const result = await work();
    over.abort();
    return { result, watched: await watching };
  } finally {
    over.abort();
  }
}

async function look(loopd: ChildLoopd, over: AbortSignal): Promise<Watched> {
  let peakMb = residentMb(loopd.pid);
  const delays: number[] = [];
  for (let turn = 0; !over.aborted; turn++) {
    peakMb = Math.max(peakMb, residentMb(loopd.pid));
    // It tells its delays once a second.
    if (turn % 4 === 3) delays.push(await worstDelayMs(loopd));
    await delay(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
  }
  delays.push(await worstDelayMs(loopd));
  const sorted = delays.toSorted((one, other) => one - other);
  return {
    peakMb,
    delayP99Ms: sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0,
    delayMaxMs: sorted.at(-1) ?? 0,
  };
}

async function worstDelayMs(loopd: ChildLoopd): Promise<number> {
  const metrics = await loopd.metrics();
  return 1000 * Math.max(0, ...named(metrics, 'loop_ingest_delay_seconds'));
}

/** Samples of a metric, whatever its labels are. */
export function named(metrics: Readonly<Record<string, number>>, name: string): readonly number[] {
  return Object.entries(metrics)
    .filter(([key]) => key === name || key.startsWith(`${name}{`))
    .map(([, value]) => value);
}
