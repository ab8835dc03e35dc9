// What a sink that is killed, absent or stopped does to live traffic behind the configuration Loop prints: nothing but a bounded delay.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import type { ChildLoopd } from '../support/child-loopd.ts';
import { startChildLoopd } from '../support/child-loopd.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { LoadReport } from '../support/steady-load.ts';
import { startSizedService, SteadyLoad } from '../support/steady-load.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const PER_SECOND = 100;
/** One answer in ten is of 1 MB, the others of up to 2 kB. */
const sizeOf = (index: number): number => (index % 10 === 3 ? 1_000_000 : (index * 37) % 2_000);

/**
 * A stopped sink is found out after a probe's interval and timeout, 2 to 3 s, and until then only what does not fit Envoy's buffers waits.
 * The rest is for a machine that does other things.
 */
const LONGEST_MS = 5_000;

let service: Awaited<ReturnType<typeof startSizedService>>;
beforeAll(async () => {
  service = await startSizedService();
});
afterAll(() => service.close());

/** A sidecar whose sink is `sink.sock` in the directory, whether anyone listens there or not. */
async function behindSidecar(directory: string) {
  const envoy = await startEnvoy(
    sidecarYaml({
      speaker: { service: 'front', instance: 'front-1' },
      sink: { kind: 'unix', path: join(directory, 'sink.sock') },
      envoyVersion: { major: 1, minor: 40 },
      admin: socket('127.0.0.1', 0),
      inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', service.port) },
    }),
  );
  onTestFinished(() => envoy.stop());
  const origin = await envoy.listener('inbound');
  const load = new SteadyLoad(origin, PER_SECOND, sizeOf);
  onTestFinished(() => load.close());
  return { envoy, origin, load };
}

async function loopdIn(directory: string): Promise<ChildLoopd> {
  const loopd = await startChildLoopd(directory, 'recorder: {settleMs: 200}\n');
  onTestFinished(() => loopd.stop());
  return loopd;
}

const UNHARMED = { errors: [], tooLong: false };

function harm(what: string, { errors, longestMs, p99Ms, requests }: LoadReport): unknown {
  console.log(`${what}: longest of ${requests} requests ${longestMs} ms, p99 ${p99Ms} ms`);
  return { errors, tooLong: longestMs >= LONGEST_MS };
}

/** Fails a request, again and again, until one such failure is listed: what is sent before Envoy has found the sink again is not recorded. */
async function untilRecording(origin: string, loopd: ChildLoopd): Promise<void> {
  const traces = new Set<string>();
  await until(
    async () => {
      const trace = randomBytes(16).toString('hex');
      traces.add(`trace:${trace}`);
      const answer = await fetch(`${origin}/10/500`, { headers: { traceparent: `00-${trace}-00000000000000ab-01` } });
      await answer.arrayBuffer();
      return allFailures(loopd.api);
    },
    (loops) => loops.some((loop) => traces.has(loop.transaction) && loop.outcome === 'failed'),
  );
}

describe('live traffic goes on', () => {
  test('with no sink from the start', async () => {
    const directory = temporaryDirectory();
    const { envoy, load } = await behindSidecar(directory);
    expect(harm('absent', await load.run(400))).toEqual(UNHARMED);
    expect(existsSync(join(directory, 'sink.sock'))).toBe(false);
    const stats = await envoy.stats('ext_proc.loop_inbound.failure_mode_allowed$');
    expect(Object.values(stats)).toEqual([400]);
  });

  test('when the sink is killed; the next one records again', async () => {
    const directory = temporaryDirectory();
    const first = await loopdIn(directory);
    const { origin, load } = await behindSidecar(directory);
    await untilRecording(origin, first);
    const traffic = load.run(800);
    await until(
      () => first.metrics(),
      (metrics) => (metrics['loop_ingest_messages'] ?? 0) > 500,
    );
    first.signal('SIGKILL');
    await first.stop();
    expect(harm('killed', await traffic)).toEqual(UNHARMED);
    await untilRecording(origin, await loopdIn(directory));
  });

  test('when the sink stands still for 8 seconds; then it records again', async () => {
    const directory = temporaryDirectory();
    const loopd = await loopdIn(directory);
    const { origin, load } = await behindSidecar(directory);
    await untilRecording(origin, loopd);
    expect(harm('healthy', await load.run(300))).toEqual(UNHARMED);
    loopd.signal('SIGSTOP');
    const stopped = await load.run(8 * PER_SECOND).finally(() => loopd.signal('SIGCONT'));
    expect(harm('stopped', stopped)).toEqual(UNHARMED);
    expect(harm('continued', await load.run(200))).toEqual(UNHARMED);
    await untilRecording(origin, loopd);
  });
});
