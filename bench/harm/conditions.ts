/** What can be wrong with a sink, each with how it is made so, and how one sees that it really was. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CEILING_MS } from '../../src/ingest/pacing.ts';
import type { ChildLoopd } from '../../test/support/child-loopd.ts';
import { startChildLoopd } from '../../test/support/child-loopd.ts';
import type { Metrics } from '../load/metrics.ts';
import { metric } from '../load/metrics.ts';
import { buildC } from '../load/build.ts';
import { place } from '../load/processes.ts';

/** Where a sink is put. */
export interface Place {
  /** Data directory, empty, with the sink's socket. */
  readonly data: string;
  readonly core: number;
  readonly args: readonly string[];
  readonly seconds: number;
}

/** A sink under a condition. */
export interface Patient {
  /** Absent: none was started. After a restart, the second. */
  readonly loopd: ChildLoopd | undefined;
  /** While requests are sent: from the first that counts. */
  during(): Promise<void>;
  /** What shows that the condition was there; `ok` when it was, and the sink is what it should be. */
  proof(seen: Seen): Promise<Proof>;
  /** The sink and whatever else there is. */
  end(): Promise<void>;
}

export interface Seen {
  /** Exchanges that Envoy did not record, of how many. */
  readonly unrecorded: number;
  readonly requests: number;
}

export type Proof = { readonly ok: boolean } & Readonly<Record<string, number | string | boolean>>;

export interface Condition {
  readonly name: string;
  start(at: Place): Promise<Patient>;
}

/** So that age pushes records to the disk too. */
const WITH_HISTORY = 'recorder: {history: {bytes: 67108864}}\n';
const SLOW = { LOOP_DISK_SYNC_MS: '200', LOOP_DISK_WRITE_MS: '5' };
const DISK_BYTES = 4 * 1_048_576;

export const fine: Condition = {
  name: 'sink fine',
  async start(at) {
    const loopd = await sink(at);
    const proof = async ({ unrecorded }: Seen) => {
      const kept = fate(await loopd.metrics(), 'kept');
      return { ok: kept > 0 && unrecorded === 0, kept, unrecorded };
    };
    return { loopd, during: nothing, proof, end: () => loopd.stop() };
  },
};

/** What Envoy's own part in recording does to live traffic: a sink in C that discards, and sleeps between two readings as ours does. */
export const discarding: Condition = {
  name: 'a sink in C that discards',
  async start(at) {
    const program = buildC(new URL('../load/discard.c', import.meta.url));
    const words = [join(at.data, 'sink.sock'), String(CEILING_MS)];
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    place(child.pid ?? 0, at.core);
    return {
      loopd: undefined,
      during: nothing,
      proof: ({ unrecorded }) => Promise.resolve({ ok: unrecorded === 0 && child.exitCode === null, unrecorded }),
      async end() {
        child.stdin.end();
        await exited;
      },
    };
  },
};

export const slowDisk: Condition = {
  name: 'slow disk',
  async start(at) {
    const disk = preload(at, SLOW);
    const loopd = await sink(at, WITH_HISTORY, disk.env);
    const proof = async () => {
      const metrics = await loopd.metrics();
      const [delayedCalls] = disk.counts();
      return { ok: delayedCalls > 10, how: 'each fsync 200 ms, each write 5 ms', delayedCalls, ...keeping(metrics) };
    };
    return { loopd, during: nothing, proof, end: () => loopd.stop() };
  },
};

/**
 * A file system of 4 MiB of its own where we may mount one; else writes say ENOSPC behind as many bytes. Without a history: that takes its room
 * before loopd starts.
 */
export const fullDisk: Condition = {
  name: 'full disk',
  start: (at) => (process.getuid?.() === 0 ? onSmallDisk(at) : behindQuota(at)),
};

async function onSmallDisk(at: Place): Promise<Patient> {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=0700`, 'tmpfs', at.data]);
  const unmount = (): void => void execFileSync('umount', ['-l', at.data]);
  const loopd = await sink(at).catch((error: unknown) => {
    unmount();
    throw error;
  });
  return {
    loopd,
    during: () => Promise.resolve(fill(at.data)),
    async proof() {
      const metrics = await loopd.metrics();
      const { bavail, bsize } = statfsSync(at.data);
      return { ok: bavail === 0, how: 'tmpfs of 4 MiB', freeBytes: bavail * bsize, ...keeping(metrics) };
    },
    async end() {
      await loopd.stop();
      unmount();
    },
  };
}

async function behindQuota(at: Place): Promise<Patient> {
  const disk = preload(at, { LOOP_DISK_BYTES: String(DISK_BYTES) });
  const loopd = await sink(at, '', disk.env);
  const proof = async () => {
    const [, refusedWrites] = disk.counts();
    return { ok: refusedWrites > 0, how: 'ENOSPC behind 4 MiB', refusedWrites, ...keeping(await loopd.metrics()) };
  };
  return { loopd, during: nothing, proof, end: () => loopd.stop() };
}

/** Until nothing fits any more. */
function fill(directory: string): void {
  for (let size = 1 << 20, index = 0; size >= 4096; size /= 2) {
    try {
      for (; ; index++) writeFileSync(join(directory, `junk${index}`), new Uint8Array(size).fill(1));
    } catch {
      rmSync(join(directory, `junk${index}`), { force: true });
    }
  }
}

export const atBudget: Condition = {
  name: 'at its budget',
  async start(at) {
    const loopd = await sink(at, 'recorder: {ringBytes: 1048576}\n');
    const proof = async () => {
      const metrics = await loopd.metrics();
      const overwritten = fate(metrics, 'overwritten');
      return { ok: overwritten > 0, how: 'a ring of 1 MiB', overwritten, shed: fate(metrics, 'shed') };
    };
    return { loopd, during: nothing, proof, end: () => loopd.stop() };
  },
};

export const killed: Condition = {
  name: 'killed (-9), started again',
  async start(at) {
    const first = await sink(at);
    let second: ChildLoopd | undefined;
    return {
      get loopd() {
        return second ?? first;
      },
      async during() {
        await delay((at.seconds * 1000) / 6);
        first.signal('SIGKILL');
        await first.stop();
        await delay((at.seconds * 1000) / 6);
        second = await sink(at);
      },
      async proof({ unrecorded }) {
        const again = metric((await second?.metrics()) ?? {}, 'loop_ingest_messages');
        return { ok: unrecorded > 0 && again > 0, unrecorded, messagesAfterwards: again };
      },
      end: () => (second ?? first).stop(),
    };
  },
};

export const absent: Condition = {
  name: 'absent',
  start: () =>
    Promise.resolve({
      loopd: undefined,
      during: nothing,
      proof: ({ unrecorded, requests }) => Promise.resolve({ ok: unrecorded === requests, unrecorded }),
      end: nothing,
    }),
};

export const stopped: Condition = {
  name: 'stopped (SIGSTOP)',
  async start(at) {
    const loopd = await sink(at);
    return {
      loopd,
      async during() {
        await delay((at.seconds * 1000) / 4);
        loopd.signal('SIGSTOP');
        await delay((at.seconds * 1000) / 2);
        loopd.signal('SIGCONT');
      },
      async proof({ unrecorded }) {
        const messages = metric(await loopd.metrics(), 'loop_ingest_messages');
        return { ok: unrecorded > 0 && messages > 0, stoppedSeconds: at.seconds / 2, unrecorded };
      },
      async end() {
        loopd.signal('SIGCONT');
        await loopd.stop();
      },
    };
  },
};

async function sink(at: Place, more = '', env: Readonly<Record<string, string>> = {}): Promise<ChildLoopd> {
  const loopd = await startChildLoopd(at.data, more, 100_000, { args: at.args, env });
  place(loopd.pid, at.core);
  return loopd;
}

const nothing = (): Promise<void> => Promise.resolve();

function preload(at: Place, how: Readonly<Record<string, string>>) {
  const library = buildC(new URL('./disk.c', import.meta.url), ['-shared', '-fPIC', '-ldl']);
  const file = `${at.data}.counts`;
  writeFileSync(file, new Uint8Array(16));
  return {
    env: { LD_PRELOAD: library, LOOP_DISK_COUNTS: file, ...how },
    counts(): readonly [delayed: number, refused: number] {
      const seen = readFileSync(file);
      return [Number(seen.readBigUInt64LE(0)), Number(seen.readBigUInt64LE(8))];
    },
  };
}

function fate(metrics: Metrics, name: string): number {
  return metric(metrics, 'loop_recorder_segments', `fate="${name}"`);
}

function keeping(metrics: Metrics) {
  const of = (name: string): number => metric(metrics, 'loop_keeper_recordings', `fate="${name}"`);
  return { stored: of('kept'), lost: of('lost'), waitingBytes: metric(metrics, 'loop_keeper_backlog_bytes') };
}
