/** loopd as a process of its own under every attack, one after the other, with a healthy sidecar beside: what becomes of both? */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListenAddress } from '../../../src/ingest/transport.ts';
import { DEFAULT_TRANSPORT, type TransportKind } from '../../../src/ingest/transports.ts';
import type { ChildLoopd } from '../child-loopd.ts';
import { startChildLoopd } from '../child-loopd.ts';
import { connectTo, EnvoyCall } from '../extproc-client.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../extproc.ts';
import { allFailures } from '../test-loopd.ts';
import { until } from '../until.ts';
import type { Attack } from './attacks.ts';
import { ATTACKS } from './attacks.ts';
import { Random } from './random.ts';

export interface SiegeReport {
  readonly attacks: Readonly<Record<string, AttackReport>>;
  /** Exchanges of the healthy sidecar, all of which failed, and those of them that are not listed as loops. */
  readonly healthy: { readonly sent: number; readonly missing: number };
  readonly connectionsLeft: number;
  readonly callsLeft: number;
  readonly exact: boolean;
  readonly ok: boolean;
}

export interface AttackReport {
  /** What the sink did, or what went wrong with the attack. */
  readonly outcome: string;
  readonly seconds: number;
  /** Until an exchange that failed behind the attack was a loop. */
  readonly recordedAfterMs: number;
  readonly residentMb: number;
  readonly ingestHeapMb: number;
}

const EVERY_MS = 50;
/** For one loop to be listed: on a machine that does other things loopd waits for its turn. */
const PATIENCE_MS = 120_000;

/** Those of the attacks whose names are given; all without. */
export async function besiege(
  seed: number,
  only?: readonly string[],
  say: (line: string) => void = () => undefined,
  transport: TransportKind = DEFAULT_TRANSPORT,
): Promise<SiegeReport> {
  const data = mkdtempSync(join(tmpdir(), 'loop-siege-'));
  const address = { kind: 'unix', path: join(data, 'sink.sock') } as const;
  const loopd = await startChildLoopd(data, 'recorder: {settleMs: 200}\n', undefined, {
    args: ['--transport', transport],
  });
  const sidecar = new HealthySidecar(address);
  try {
    const random = new Random(seed);
    const attacks: Record<string, AttackReport> = {};
    for (const [name, attack] of Object.entries(ATTACKS)) {
      if (only !== undefined && !only.includes(name)) continue;
      attacks[name] = await attackOnce(attack, { loopd, address, sidecar, random });
      say(`${name}: ${JSON.stringify(attacks[name])}`);
    }
    return await verdict(loopd, sidecar, attacks);
  } finally {
    await sidecar.stop();
    await loopd.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

interface Field {
  readonly loopd: ChildLoopd;
  readonly address: ListenAddress;
  readonly sidecar: HealthySidecar;
  readonly random: Random;
}

async function attackOnce(attack: Attack, { loopd, address, sidecar, random }: Field): Promise<AttackReport> {
  const began = performance.now();
  let outcome = await attack(address, random).catch((error: unknown) => `failed: ${String(error)}`);
  const over = performance.now();
  const trace = sidecar.send();
  await until(
    // The newest are enough: to list thousands again and again kept loopd busy with nothing else.
    () => loopd.api.list({ purpose: 'failure', limit: 50 }),
    ({ loops }) => loops.some((loop) => loop.transaction === trace),
    PATIENCE_MS,
  ).catch(() => (outcome = 'failed: an exchange behind it is no loop'));
  const recordedAfterMs = Math.round(performance.now() - over);
  const metrics = await loopd.metrics();
  const mb = (kind: string): number => Math.round((metrics[`loop_memory_bytes{kind="${kind}"}`] ?? 0) / 1e6);
  return {
    outcome,
    seconds: Math.round((over - began) / 100) / 10,
    recordedAfterMs,
    residentMb: mb('resident'),
    ingestHeapMb: mb('ingest_heap'),
  };
}

async function verdict(
  loopd: ChildLoopd,
  sidecar: HealthySidecar,
  attacks: Record<string, AttackReport>,
): Promise<SiegeReport> {
  await sidecar.stop();
  const missingIn = (loops: Awaited<ReturnType<typeof allFailures>>): number => {
    const listed = new Set(loops.map((loop) => loop.transaction as string));
    return sidecar.traces.filter((trace) => !listed.has(trace)).length;
  };
  const loops = await until(
    () => allFailures(loopd.api),
    (listed) => missingIn(listed) === 0,
    PATIENCE_MS,
  ).catch(() => allFailures(loopd.api));
  const quiet = (metrics: Readonly<Record<string, number>>): boolean =>
    metrics['loop_ingest_connections'] === 0 && metrics['loop_ingest_calls_open'] === 0;
  const metrics = await until(() => loopd.metrics(), quiet).catch(() => loopd.metrics());
  const connectionsLeft = metrics['loop_ingest_connections'] ?? 0;
  const callsLeft = metrics['loop_ingest_calls_open'] ?? 0;
  const healthy = { sent: sidecar.traces.length, missing: missingIn(loops) };
  const exact = (['segments', 'bytes'] as const).every((unit) => sumIn(metrics, unit));
  const failed = Object.values(attacks).some(({ outcome }) => outcome.startsWith('failed'));
  const ok = healthy.missing === 0 && connectionsLeft === 0 && callsLeft === 0 && exact && !failed;
  return { attacks, healthy, connectionsLeft, callsLeft, exact, ok };
}

function sumIn(metrics: Readonly<Record<string, number>>, unit: 'segments' | 'bytes'): boolean {
  const name = `loop_recorder_${unit}{fate="`;
  const fates = Object.entries(metrics).filter(([sample]) => sample.startsWith(name));
  const received = metrics[`${name}received"}`];
  return received !== undefined && fates.reduce((sum, [, value]) => sum + value, 0) === 2 * received;
}

/** A sidecar in whose service everything fails, twenty times a second. */
class HealthySidecar {
  readonly traces: string[] = [];
  readonly #session: ReturnType<typeof connectTo>;
  readonly #over = new AbortController();
  readonly #running: Promise<void>;

  constructor(address: ListenAddress) {
    this.#session = connectTo(address);
    this.#running = this.#run();
  }

  /** One failed exchange; returns the name of its transaction. */
  send(): string {
    const trace = this.traces.length.toString(16).padStart(32, 'a');
    const call = new EnvoyCall(this.#session, {
      'x-loop-service': 'healthy',
      'x-loop-instance': 'healthy-1',
      'x-loop-direction': 'inbound',
    });
    call.stream.resume();
    call.send(
      requestHeaders({
        ':method': 'POST',
        ':path': '/',
        ':authority': 'healthy',
        traceparent: `00-${trace}-00000000000000ab-01`,
      }),
      requestBody('{"a":1}', { endOfStream: true }),
      responseHeaders({ ':status': '500', 'content-type': 'application/json' }),
      responseBody('{"b":2}', { endOfStream: true }),
    );
    call.finish();
    this.traces.push(`trace:${trace}`);
    return `trace:${trace}`;
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#running;
    if (!this.#session.closed) await new Promise<void>((resolve) => this.#session.close(resolve));
  }

  async #run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      this.send();
      await delay(EVERY_MS, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }
}
