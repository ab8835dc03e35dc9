/** A loopd in this process, on a data directory and ports of its own, and how to read what it kept. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { createClient } from '../../src/api/client/client.ts';
import type { LoopApi } from '../../src/api/port.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import { readConfig } from '../../src/daemon/config.ts';
import type { CONFIG } from '../../src/daemon/config.ts';
import type { Loopd } from '../../src/daemon/loopd.ts';
import { startLoopd } from '../../src/daemon/loopd.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { FingerprintSummary } from '../../src/domain/fingerprint.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { Address } from '../../src/envoy-config/address.ts';
import type { RecorderStats } from '../../src/recorder/stats.ts';
import type { Recording } from '../../replay-sandbox/plan/plan.ts';
import { openRecording } from '../../replay-sandbox/open.ts';
import { decodeLoopFile } from '../../storage/format/decode.ts';
import { until } from './until.ts';

export interface TestLoopd {
  readonly loopd: Loopd;
  readonly api: LoopApi;
  readonly sink: Address & { readonly kind: 'unix' };
  readonly data: string;
  /** What loopd complained of. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function startTestLoopd(
  more: Partial<z.input<typeof CONFIG>> = {},
  clock: Clock = systemClock(),
): Promise<TestLoopd> {
  const data = mkdtempSync(join(tmpdir(), 'loopd-test-'));
  const sink = { kind: 'unix', path: join(data, 'sink.sock') } as const;
  const complaints: string[] = [];
  const loopd = await startLoopd({
    config: readConfig(undefined, {
      data,
      sink: { port: 0, socket: sink.path },
      api: { port: 0 },
      loopsPerHour: 10_000,
      ...more,
    }),
    clock,
    version: 'test',
    log: { kept: () => undefined, failed: (message) => complaints.push(message) },
    died: (error) => complaints.push(error.message),
  });
  return {
    loopd,
    api: createClient({ url: loopd.apiUrl, token: loopd.token }),
    sink,
    data,
    complaints,
    async close() {
      await loopd.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A machine that does something else, too. */
const DECIDED_MS = 60_000;

/**
 * Resolves when so many transactions were decided and what was kept of them is listed. Counts alone do not say that: the recorder counts what
 * it hands over, rules may still be asked about what it tossed, and the store is written a little later.
 */
export async function decided({ loopd }: Pick<TestLoopd, 'loopd'>, transactions: number): Promise<RecorderStats> {
  const recorder = await until(
    () => loopd.stats()?.recorder,
    (seen) =>
      seen !== undefined &&
      seen.keptTransactions + seen.tossedTransactions >= transactions &&
      seen.inspections.sent === seen.inspections.answered,
    DECIDED_MS,
  );
  // The recorder hands a part over before it tells a number that counts it.
  await until(
    () => metricsOf({ loopd }),
    (text) => /^loop_keeper_backlog_bytes 0$/m.test(text),
    DECIDED_MS,
  );
  if (recorder === undefined) throw new Error('The recorder told no numbers.');
  return recorder;
}

/** As Prometheus reads them. */
export async function metricsOf({ loopd }: Pick<TestLoopd, 'loopd'>): Promise<string> {
  const headers = { authorization: `Bearer ${loopd.token}` };
  return (await fetch(new URL('/metrics', loopd.apiUrl), { headers })).text();
}

/** Every failure there is, newest first. */
export async function allFailures(api: LoopApi): Promise<readonly LoopSummary[]> {
  const loops: LoopSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.list({ purpose: 'failure', limit: 500, cursor });
    loops.push(...page.loops);
    cursor = page.next;
  } while (cursor !== undefined);
  return loops;
}

/** Every failure, once as many are listed as were counted as kept: a recording is counted before it is stored. */
export function allKept(api: LoopApi, counted: readonly FingerprintSummary[]): Promise<readonly LoopSummary[]> {
  const kept = counted.reduce((sum, fingerprint) => sum + fingerprint.kept, 0);
  return until(
    () => allFailures(api),
    (loops) => loops.length >= kept,
  );
}

/** The originals, before redaction; without the recordings that only serve replays. */
export async function openLoop(api: LoopApi, id: LoopId): Promise<Recording> {
  const file = await decodeLoopFile(await api.recording(id, { open: true }));
  return openRecording({ ...file, companions: [] }, undefined);
}
