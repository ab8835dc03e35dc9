/** More than one thread can take in, for some seconds: a real loopd gives up what it must, says so, loses no failure, and comes back. */
import { join } from 'node:path';
import { setInterval as ticks } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Generator } from '../../bench/load/generator.ts';
import { startChildLoopd } from '../support/child-loopd.ts';
import { connectTo, EnvoyCall } from '../support/extproc-client.ts';
import { requestHeaders, responseHeaders } from '../support/extproc.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const SECONDS = 5;
/** Every so often one fails, one in two hundred or so, each at a route of its own, so that none is only counted. Milliseconds. */
const FAILS_EVERY_MS = 30;
const SPEAKER = { 'x-loop-service': 'payments', 'x-loop-instance': 'payments-1', 'x-loop-direction': 'inbound' };
const FATES = ['inFlight', 'kept', 'tossed', 'history', 'overwritten', 'shed'];

/** Fails until it is told to end; the keys of what has failed. */
function failing(path: string) {
  const session = connectTo({ kind: 'unix', path });
  onTestFinished(() => session.destroy());
  const flood = new AbortController();
  const keys: string[] = [];
  const run = (async () => {
    for await (const _tick of ticks(FAILS_EVERY_MS)) {
      if (flood.signal.aborted) return keys;
      const number = keys.length + 1;
      const trace = number.toString(16).padStart(32, '0');
      const route = `/route-${String.fromCodePoint(97 + (number % 26))}${String.fromCodePoint(97 + Math.floor(number / 26))}`;
      keys.push(`trace:${trace}`);
      new EnvoyCall(session, SPEAKER)
        .send(
          requestHeaders(
            {
              ':method': 'GET',
              ':path': route,
              ':authority': 'payments',
              traceparent: `00-${trace}-00000000000000ab-01`,
            },
            { endOfStream: true },
          ),
          responseHeaders({ ':status': '500' }, { endOfStream: true }),
        )
        .finish();
    }
    return keys;
  })();
  return () => {
    flood.abort();
    return run;
  };
}

test('a flood is taken in to its end: fates sum up, what failed is listed, and nothing is given up ten seconds later', async () => {
  const folder = temporaryDirectory();
  const loopd = await startChildLoopd(folder, 'recorder: {settleMs: 200}\n');
  onTestFinished(() => loopd.stop());
  const path = join(folder, 'sink.sock');
  const stop = failing(path);
  const load = { shape: '1k' as const, rate: undefined, connections: 4, warmSeconds: 0.2, seconds: SECONDS, seed: 7 };
  const report = await new Generator(folder).send({ kind: 'unix', path }, loopd.pid, load);
  const over = performance.now();
  const failed = await stop();
  expect(report).toMatchObject({ drained: true, answered: { broken: 0, goaways: 0 } });
  const calm = await until(
    () => loopd.metrics(),
    (metrics) =>
      metrics['loop_overload_level'] === 0 && (metrics['loop_ingest_calls_opened_total'] ?? 0) >= report.sentInAll,
  );
  const calmMs = performance.now() - over;
  const listed = await until(
    async () => new Set<string>((await allFailures(loopd.api)).map(({ transaction }) => transaction)),
    (all) => failed.every((key) => all.has(key)),
    10_000,
  );
  const metrics = await loopd.metrics();
  const of = (name: string) => metrics[name] ?? Number.NaN;
  const sum = FATES.reduce((total, fate) => total + of(`loop_recorder_segments{fate="${fate}"}`), 0);
  console.log(
    `${Math.round(report.rate)} calls a second, ${of('loop_overload_shed_exchanges_total{what="all"}')} of ${report.sentInAll} given up; ${failed.length} failed, ${listed.size} listed, ${of('loop_overload_recalled_exchanges_total')} recalled; calm after ${Math.round(calmMs)} ms`,
  );
  expect(sum).toBe(of('loop_recorder_segments{fate="received"}'));
  // Five messages, a beginning and an end each; of the failed ones two less. And of none more.
  expect(of('loop_recorder_segments{fate="received"}')).toBe(7 * report.sentInAll + 4 * failed.length);
  expect(of('loop_overload_level')).toBe(0);
  expect(calm['loop_overload_share']).toBe(0);
  expect(calmMs).toBeLessThan(15_000);
});
