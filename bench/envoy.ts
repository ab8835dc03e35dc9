// What Loop costs beside a real Envoy: the CPU of Envoy without it and with it, of the sink, and what the requests notice.
//   npm run -s bench:envoy -- --json
//   npm run -s bench:envoy -- --rates 500,2000 --bodies 1000 --seconds 5 --transport grpc-js
// Envoy (the sidecar that `loopctl envoy config` prints, inbound, --concurrency 1) on one core; generator, upstream and sink on the other. Requests are
// due at fixed times, whatever becomes of the ones before, and latency counts from then. Every request is a transaction of its own; a body goes there
// and one of the same size comes back. Progress on stderr; exit code 1 when a rate that Envoy sustains is not recorded whole. Linux, cc, taskset.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { ChildLoopd } from '../test/support/child-loopd.ts';
import { startChildLoopd } from '../test/support/child-loopd.ts';
import { allFailures } from '../test/support/test-loopd.ts';
import { until } from '../test/support/until.ts';
import { startUpstream } from './load/http.ts';
import { metric } from './load/metrics.ts';
import { environment, rounded } from './load/numbers.ts';
import { aboveOthers, cpuOf, place, residentMb } from './load/processes.ts';
import type { Question, Stage } from './envoy/row.ts';
import { FAIL_EVERY, rowOf } from './envoy/row.ts';
import { startSidecar, whenRecording } from './envoy/sidecar.ts';

const CORES = { envoy: 0, rest: 1 };
const IDLE_MS = 3000;
/** Before anything counts: V8 compiles what runs often after thousands of exchanges, and does so on cores that are measured. */
const WARMING: Question = { rate: 2000, body: 1000, runs: 1 };

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rates: { type: 'string', default: '500,1000,2000,4000' },
    bodies: { type: 'string', default: '1000,16000' },
    seconds: { type: 'string' },
    runs: { type: 'string', default: '2' },
    transport: { type: 'string' },
  },
});
const seconds = Number(values.seconds ?? (values.quick ? 3 : 10));

type Row = Awaited<ReturnType<typeof rowOf>>;

async function main(): Promise<boolean> {
  const before = environment();
  using _priority = aboveOthers();
  const data = mkdtempSync(join(tmpdir(), 'loop-bench-envoy-'));
  const args = values.transport === undefined ? [] : ['--transport', values.transport];
  const upstream = await startUpstream(CORES.rest);
  const loopd = await startChildLoopd(data, '', 100_000, { args });
  place(loopd.pid, CORES.rest);
  const at = { socket: join(data, 'sink.sock'), app: upstream.port, core: CORES.envoy };
  const plain = await startSidecar('plain', at);
  const recorded = await startSidecar('recorded', at);
  try {
    await whenRecording(recorded);
    const idle = await idleShare(loopd);
    const stage: Stage = { plain, recorded, loopd, core: CORES.rest, seconds, warmup: values.quick ? 1 : 2 };
    const warm = await rowOf({ ...stage, seconds: values.quick ? 3 : 10 }, WARMING);
    const rows: Row[] = [];
    for (const question of questions()) rows.push(await rowOf(stage, question));
    const result = {
      ...summary(rows),
      rows,
      ...(await failures(
        loopd,
        [warm, ...rows].filter(({ sustained }) => sustained),
      )),
      sinkIdleCore: idle,
      sinkResidentMb: residentMb(loopd.pid),
      transport: values.transport ?? 'default',
      seconds,
      environment: before,
      loadAfter: rounded(loadavg()[0] ?? 0),
    };
    print(result, rows);
    return (
      rows.some(({ sustained }) => sustained) &&
      result.recordedShare === 1 &&
      result.failures.whole === result.failures.sent
    );
  } finally {
    await recorded.stop();
    await plain.stop();
    await loopd.stop();
    await upstream.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function questions(): readonly Question[] {
  const numbers = (text: string): number[] => text.split(',').map(Number);
  return numbers(values.bodies).flatMap((body) =>
    numbers(values.rates).map((rate) => ({ rate, body, runs: Number(values.runs) })),
  );
}

/** What a sink that nobody asks takes of a core: it is in every figure, and not taken out of any. */
async function idleShare(loopd: ChildLoopd): Promise<number> {
  const before = cpuOf(loopd.pid).ran;
  await delay(IDLE_MS);
  return rounded((cpuOf(loopd.pid).ran - before) / (IDLE_MS / 1000), 4);
}

/** Of the rates that Envoy sustains. */
function summary(rows: readonly Row[]) {
  const sustained = rows.filter((row) => row.sustained);
  return {
    sustainedRows: sustained.length,
    recordedShare: Math.min(1, ...sustained.map(({ recordedShare }) => recordedShare)),
    /** Of what Envoy takes with the sink, and of what it takes without: the largest of all rows. */
    sinkShareOfEnvoy: Math.max(0, ...sustained.map(({ sinkShareOfEnvoy }) => sinkShareOfEnvoy)),
    sinkShareOfEnvoyWithout: Math.max(0, ...sustained.map((row) => row.sinkShareOfEnvoyWithout)),
    errors: rows.reduce((all, { errors }) => all + errors, 0),
  };
}

/** Failed requests of these rows are kept: each is listed, and whole. */
async function failures(loopd: ChildLoopd, rows: readonly Row[]) {
  const sent = rows.reduce((all, { requests }) => all + Math.floor(requests / FAIL_EVERY), 0);
  const listing = async () =>
    (await allFailures(loopd.api)).filter(({ startedAt }) =>
      rows.some(({ between: [from, to] }) => startedAt >= from && startedAt <= to),
    );
  const listed = await until(listing, (loops) => loops.length >= sent, 20_000).catch(listing);
  const counted = metric(await loopd.metrics(), 'loop_brake_counted');
  return {
    failures: { sent, listed: listed.length, whole: listed.filter(({ holes }) => holes.length === 0).length, counted },
  };
}

function print(result: object, rows: readonly Row[]): void {
  if (values.json) return void process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  const line = (cells: readonly (string | number)[]) => cells.map((cell) => String(cell).padStart(12)).join('');
  const heads = [
    'rate',
    'body',
    'µs without',
    'µs with',
    'µs sink',
    'sink/Envoy',
    'p50',
    'p50 with',
    'p99',
    'p99 with',
  ];
  process.stdout.write(`${line([...heads, 'A/A p99', 'recorded %'])}\n`);
  for (const row of rows) {
    const { rate, bodyBytes, envoyUsWithout, envoyUsWith, sinkUs, sinkShareOfEnvoy, p50Ms, p99Ms, recordedShare } = row;
    const latency = [p50Ms.without, p50Ms.with, p99Ms.without, p99Ms.with].map((runs) => rounded(Math.min(...runs)));
    const cells = [rate, bodyBytes, envoyUsWithout.median, envoyUsWith.median, sinkUs.median, sinkShareOfEnvoy];
    process.stdout.write(`${line([...cells, ...latency, p99Ms.spread, rounded(recordedShare * 100)])}\n`);
  }
}

process.exitCode = (await main()) ? 0 : 1;
