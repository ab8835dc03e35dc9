// What a sink that is fine, slow, full, gone or stopped does to live traffic behind the sidecar that Loop prints.
//   npm run -s bench:harm -- --json
//   npm run -s bench:harm -- --only stopped --seconds 10
// 500 requests a second at fixed times, each in a transaction of its own, one in fifty failing; latency counts from when a request was due. Rows:
// extraErrors (beyond those without Loop), p99DeltaMs (against the median of the runs without Loop), p99SpreadMs (how far runs that should be the same
// are apart: those without Loop, and those with a sink that is fine, among themselves), stallMs (the longest that any request took). The runs without
// Loop lie before, between and behind the others. The last row has answers of 1 MB, one in ten, so that Envoy's buffers fill while the sink is stopped;
// it is compared with two runs of its own without Loop. `discarding` is no row: a sink in C that throws away what it reads, which shows what Envoy's own
// part in recording costs live traffic. `controls` are sidecars as nobody should configure them: there the harm has to be seen.
// Progress on stderr; exit code 1, and what failed, when there is an extra error, a p99 is beyond the spread (not while the sink is stopped), a stall
// is beyond its bound, a condition did not show, or a control shows no harm. Linux, cc, taskset; a real disk of 4 MB needs root.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startUpstream } from './load/http.ts';
import { environment, median, rounded } from './load/numbers.ts';
import { aboveOthers } from './load/processes.ts';
import type { Condition } from './harm/conditions.ts';
import { absent, atBudget, discarding, fine, fullDisk, killed, slowDisk, stopped } from './harm/conditions.ts';
import type { Run, Setting } from './harm/run.ts';
import { CORES, runOf } from './harm/run.ts';

/** What is bounded by the shipped configuration: an interval and a timeout of the probes, jitter, and some room. */
const STALL_BOUND_MS = 3500;
const CONTROL_SECONDS = 3;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rate: { type: 'string', default: '500' },
    only: { type: 'string', default: '' },
    transport: { type: 'string' },
  },
});
const seconds = Number(values.seconds ?? (values.quick ? 10 : 60));
/** A run that is there to be compared with. */
const pairSeconds = Math.max(5, Math.round(seconds / 2));

interface Results {
  readonly plain: Run[];
  readonly fine: Run[];
  readonly discarding: Run[];
  readonly others: Run[];
  readonly bigPlain: Run[];
  readonly big: Run[];
}

async function main(): Promise<boolean> {
  const before = environment();
  using _priority = aboveOthers();
  const upstream = await startUpstream(CORES.rest);
  const args = values.transport === undefined ? [] : ['--transport', values.transport];
  const setting: Setting = { app: upstream.port, rate: Number(values.rate), args };
  try {
    const runs = await everyRun(setting);
    const failClosed = await runOf(setting, { condition: absent, kind: 'fail-closed', seconds: CONTROL_SECONDS });
    const unguarded = await runOf(setting, {
      condition: stopped,
      kind: 'unguarded',
      seconds: 4 * CONTROL_SECONDS,
      big: true,
    });
    const rows = rowsOf(runs);
    const discards = rowOf({ runs: runs.discarding, ...usualOf(runs) });
    const result = {
      ...summary(rows),
      rows,
      discarding: discards,
      controls: [failClosed, unguarded].map(toldOfControl),
      withoutLoop: runs.plain.map(told),
      rate: setting.rate,
      seconds,
      transport: values.transport ?? 'default',
      environment: before,
      loadAfter: rounded(loadavg()[0] ?? 0),
    };
    print(result, rows);
    const harmSeen = failClosed.load.errors > 0 && unguarded.load.overOneSecond > 0;
    const failed = [
      ...failedOf(rows),
      ...(isShown(discards) ? [] : [`${discards.condition}: did not show: ${JSON.stringify(discards.proof)}`]),
      ...(harmSeen ? [] : ['the controls show no harm: nothing here would have shown any']),
    ];
    for (const line of failed) process.stderr.write(`FAILED: ${line}\n`);
    return failed.length === 0;
  } finally {
    await upstream.stop();
  }
}

/** Each kind of run that is compared lies apart from the other of its kind. */
async function everyRun(setting: Setting): Promise<Results> {
  const results: Results = { plain: [], fine: [], discarding: [], others: [], bigPlain: [], big: [] };
  const plain = async () => results.plain.push(await runOf(setting, { kind: 'plain', seconds: pairSeconds }));
  const good = async () =>
    results.fine.push(await runOf(setting, { condition: fine, kind: 'recorded', seconds: pairSeconds }));
  const discards = async () =>
    results.discarding.push(
      await runOf(setting, { condition: discarding, kind: 'unprobed', seconds: Math.round(pairSeconds / 2) }),
    );
  const other = async (condition: Condition) => {
    if (!isWanted(condition.name)) return;
    results.others.push(await runOf(setting, { condition, kind: 'recorded', seconds }));
  };
  await plain();
  await good();
  await discards();
  for (const condition of [slowDisk, fullDisk, atBudget]) await other(condition);
  await plain();
  for (const condition of [killed, absent, stopped]) await other(condition);
  await discards();
  await good();
  await plain();
  if (isWanted('big')) {
    const bigPlain = async () =>
      results.bigPlain.push(await runOf(setting, { kind: 'plain', seconds: Math.round(pairSeconds / 2), big: true }));
    await bigPlain();
    results.big.push(await runOf(setting, { condition: stopped, kind: 'recorded', seconds: pairSeconds, big: true }));
    await bigPlain();
  }
  return results;
}

function isWanted(name: string): boolean {
  return values.only === '' || values.only.split(',').some((wanted) => name.includes(wanted));
}

type Row = ReturnType<typeof rowOf>;

function usualOf({ plain, fine: good }: Results): Omit<Comparison, 'runs'> {
  const usual = pairOf(plain);
  return { ...usual, spread: Math.max(usual.spread, range(good.map(p99))) };
}

function rowsOf(results: Results): readonly Row[] {
  const { fine: good, others, bigPlain, big } = results;
  const against = usualOf(results);
  return [
    rowOf({ runs: good, ...against }),
    ...others.map((run) => rowOf({ runs: [run], ...against })),
    ...big.map((run) => rowOf({ runs: [run], ...pairOf(bigPlain) })),
  ];
}

/** Runs without Loop, which should be the same. */
function pairOf(plain: readonly Run[]): Omit<Comparison, 'runs'> {
  const errorShare = plain.reduce((sum, { load }) => sum + load.errors, 0) / requests(plain);
  return { base: median(plain.map(p99)), spread: range(plain.map(p99)), errorShare };
}

interface Comparison {
  /** Of one condition. */
  readonly runs: readonly Run[];
  readonly base: number;
  readonly spread: number;
  /** Of requests without Loop. */
  readonly errorShare: number;
}

function rowOf({ runs, base, spread, errorShare }: Comparison) {
  const errors = runs.reduce((sum, { load }) => sum + load.errors, 0);
  const p99Ms = median(runs.map(p99));
  const delta = p99Ms - base;
  return {
    condition: runs[0]?.condition ?? '',
    extraErrors: Math.max(0, errors - Math.round(errorShare * requests(runs))),
    p99DeltaMs: rounded(delta, 3),
    p99SpreadMs: rounded(spread, 3),
    stallMs: rounded(Math.max(...runs.map(({ load }) => load.latencyMs.max)), 1),
    insideSpread: delta <= spread,
    ...total(runs),
    p50Ms: runs.map(({ load }) => load.latencyMs.p50),
    p99Ms: runs.map(p99),
    proof: runs.map(({ proof }) => proof),
  };
}

function total(runs: readonly Run[]) {
  const sum = (of: (run: Run) => number): number => runs.reduce((all, run) => all + of(run), 0);
  return {
    requests: requests(runs),
    overOneSecond: sum(({ load }) => load.overOneSecond),
    unrecorded: sum(({ unrecorded }) => unrecorded),
    backedUp: sum(({ backedUp }) => backedUp),
  };
}

function isShown({ proof }: Row): boolean {
  return proof.every((one) => one?.ok === true);
}

/** Also with big answers: there a stall is bounded, not a p99. */
function isStopped({ condition }: Row): boolean {
  return condition.startsWith(stopped.name);
}

/** A line for each thing that is not as it should be. */
function failedOf(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => {
    const { condition, extraErrors, p99DeltaMs, p99SpreadMs, stallMs, insideSpread, proof } = row;
    return [
      ...(extraErrors > 0 ? [`${condition}: ${extraErrors} extra errors`] : []),
      ...(isStopped(row) || insideSpread ? [] : [`${condition}: p99 ${p99DeltaMs} ms more, spread ${p99SpreadMs} ms`]),
      ...(isStopped(row) && stallMs > STALL_BOUND_MS
        ? [`${condition}: ${stallMs} ms, bound ${STALL_BOUND_MS} ms`]
        : []),
      ...(isShown(row) ? [] : [`${condition}: did not show: ${JSON.stringify(proof)}`]),
    ];
  });
}

function summary(rows: readonly Row[]) {
  return {
    extraErrors: rows.reduce((sum, { extraErrors }) => sum + extraErrors, 0),
    insideSpread: rows.filter((row) => !isStopped(row)).every(({ insideSpread }) => insideSpread),
    stalledMs: Math.max(0, ...rows.filter(isStopped).map(({ stallMs }) => stallMs)),
    stallBoundMs: STALL_BOUND_MS,
    conditionsShown: rows.every(isShown),
  };
}

function toldOfControl({ condition, load }: Run) {
  const { errors, latencyMs, overOneSecond } = load;
  return { condition, requests: load.requests + load.warmup, errors, stallMs: latencyMs.max, overOneSecond };
}

function told({ load, seconds: lasted }: Run) {
  return { seconds: lasted, requests: load.requests, errors: load.errors, ...load.latencyMs };
}

function p99({ load }: Run): number {
  return load.latencyMs.p99;
}

function requests(runs: readonly Run[]): number {
  return runs.reduce((sum, { load }) => sum + load.requests, 0);
}

function range(all: readonly number[]): number {
  return Math.max(...all) - Math.min(...all);
}

function print(result: object, rows: readonly Row[]): void {
  if (values.json) return void process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  const heads = ['condition', 'extra errors', 'p99 Δ ms', 'A/A ms', 'longest ms', 'over 1 s', 'unrecorded'];
  const line = ([first = '', ...cells]: readonly (string | number)[]) =>
    `${String(first).padEnd(32)}${cells.map((cell) => String(cell).padStart(14)).join('')}\n`;
  process.stdout.write(line(heads));
  for (const row of rows) {
    const { condition, extraErrors, p99DeltaMs, p99SpreadMs, stallMs, overOneSecond, unrecorded } = row;
    process.stdout.write(line([condition, extraErrors, p99DeltaMs, p99SpreadMs, stallMs, overOneSecond, unrecorded]));
  }
}

process.exitCode = (await main()) ? 0 : 1;
