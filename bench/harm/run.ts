/** One run: a sidecar of its own, a sink under a condition, requests at a fixed rate. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kind } from '../envoy/sidecar.ts';
import { startSidecar, whenRecording } from '../envoy/sidecar.ts';
import type { LoadReport } from '../load/http.ts';
import { sendHttp } from '../load/http.ts';
import { rounded } from '../load/numbers.ts';
import type { Condition, Patient, Proof } from './conditions.ts';

export const CORES = { envoy: 0, rest: 1 };

/** Requests that fail are kept and stored: a disk that is slow or full is met. */
const FAIL_EVERY = 50;
const WARMUP_SECONDS = 2;
/** One in ten: 50 MB/s at 500 requests a second, about what Envoy's 64 MiB for the sink hold until the probes find that it stands still. */
const BIG_ANSWER = 1_000_000;

export interface Setting {
  readonly app: number;
  readonly rate: number;
  readonly args: readonly string[];
}

export interface Run {
  readonly condition: string;
  readonly kind: Kind;
  readonly seconds: number;
  /** Whether the condition shows in what was counted. */
  readonly proof: Proof | undefined;
  /** Of the requests, those without a recording, as Envoy counts. */
  readonly unrecorded: number;
  /** Times that what waits for the sink held up Envoy. */
  readonly backedUp: number;
  readonly load: LoadReport;
}

export interface Wish {
  readonly condition?: Condition;
  readonly kind: Kind;
  readonly seconds: number;
  /** One answer in ten is so big that Envoy's buffers fill. */
  readonly big?: boolean;
}

let seed = 1000;

export async function runOf(setting: Setting, { condition, kind, seconds, big = false }: Wish): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'loop-bench-harm-'));
  const data = mkdtempSync(join(directory, 'data-'));
  const name = `${condition?.name ?? kind}${big ? ', big answers' : ''}${kind === 'unguarded' || kind === 'fail-closed' ? `, ${kind}` : ''}`;
  const patient = await condition?.start({ data, core: CORES.rest, args: setting.args, seconds });
  try {
    const at = { socket: join(data, 'sink.sock'), app: setting.app, core: CORES.envoy };
    const sidecar = await startSidecar(kind, at);
    try {
      if (patient?.loopd !== undefined) await whenRecording(sidecar);
      const load = await send(setting, { port: sidecar.port, seconds, big, patient });
      const { unrecorded, backedUp } = await sidecar.counts();
      const proof = await patient?.proof({ unrecorded, requests: load.requests + load.warmup });
      const run = { condition: name, kind, seconds, proof, unrecorded, backedUp, load };
      say(run);
      return run;
    } finally {
      await sidecar.stop();
    }
  } finally {
    await patient?.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Sending {
  readonly port: number;
  readonly seconds: number;
  readonly big: boolean;
  readonly patient: Patient | undefined;
}

async function send({ rate }: Setting, { port, seconds, big, patient }: Sending): Promise<LoadReport> {
  let during: Promise<void> | undefined;
  seed += 1;
  const load = await sendHttp(
    {
      port,
      core: CORES.rest,
      rate,
      seconds,
      warmup: WARMUP_SECONDS,
      body: 1000,
      answer: 1000,
      connections: 128,
      seed,
      failEvery: FAIL_EVERY,
      ...(big && { bigEvery: 10, bigAnswer: BIG_ANSWER }),
    },
    () => {
      during = patient?.during();
    },
  );
  await during;
  return load;
}

function say({ condition, load, unrecorded, proof }: Run): void {
  const { latencyMs, noticedMs, errors, overOneSecond } = load;
  process.stderr.write(
    `${condition}: ${errors} errors, p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, longest ${rounded(latencyMs.max)} ms (generator ${noticedMs.p99}, ${rounded(noticedMs.max)}), ` +
      `${overOneSecond} over 1 s, ${unrecorded} unrecorded ${JSON.stringify(proof ?? {})}\n`,
  );
}
