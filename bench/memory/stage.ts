/** loopd as a process of its own, and what it takes while something is done to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startChildLoopd } from '../../test/support/child-loopd.ts';
import type { ChildLoopd } from '../../test/support/child-loopd.ts';
import { metric } from '../load/metrics.ts';
import { residentMb } from '../load/processes.ts';

const LOOK_MS = 250;
const STALLED = 'loop_ingest_stalled_seconds';

export interface Stage {
  readonly loopd: ChildLoopd;
  /** Unix socket of its sink. */
  readonly socket: string;
  readonly data: string;
}

/** What loopd took while it was watched. */
export interface Watched {
  /** Resident memory. */
  readonly peakMb: number;
  /** Of the time, how much its ingest thread ran more than 50 ms late: below 1 %, the 99th percentile of its delay is below 50 ms. */
  readonly latePercent: number;
  /** How late it ran in its worst second, 99th percentile. */
  readonly worstSecondP99Ms: number;
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
  const before = metric(await loopd.metrics(), STALLED);
  const began = performance.now();
  const delays: number[] = [];
  for (let turn = 0; !over.aborted; turn++) {
    peakMb = Math.max(peakMb, residentMb(loopd.pid));
    // It tells its delays once a second.
    if (turn % 4 === 3) delays.push(await delayP99Ms(loopd));
    await delay(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
  }
  delays.push(await delayP99Ms(loopd));
  const seconds = (performance.now() - began) / 1000;
  const stalled = metric(await loopd.metrics(), STALLED) - before;
  return { peakMb, latePercent: (100 * stalled) / seconds, worstSecondP99Ms: Math.max(...delays) };
}

/** The 99th percentile of its last second. */
async function delayP99Ms(loopd: ChildLoopd): Promise<number> {
  return 1000 * metric(await loopd.metrics(), 'loop_ingest_delay_quantile_seconds', 'quantile="0.99"');
}
