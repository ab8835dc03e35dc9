/** Medians of the rounds, and ours against the others. */
import type { LoadReport } from '../load/generator.ts';
import { median, rounded, spread } from '../load/numbers.ts';
import { nameOf } from './plan.ts';
import type { Turns } from './rounds.ts';
import type { ServerName } from './servers.ts';

const JUDGED = '1k@5000';
const JUDGED_ASLEEP = '1k@5000/asleep';
/** Below this share of the rate that was asked for a server is full: its CPU is that of fewer calls. */
const KEPT_UP = 0.97;

/** Of each round. What a server takes when nobody calls is in it: its timers are its own, and at a thousand calls a second they are felt. */
function cpuMicros({ reports }: Turns): readonly number[] {
  return reports.map(({ cpuSeconds, calls }) => (cpuSeconds / calls) * 1e6);
}

function rowOf(turns: Turns) {
  const { row, server, idle, reports, sent, received, transactions, residentMb } = turns;
  const of = (read: (report: LoadReport) => number): number => rounded(median(reports.map(read)));
  const rate = of((report) => report.rate);
  return {
    row: nameOf(row),
    shape: row.shape,
    asked: row.rate ?? 'flat out',
    server,
    rate,
    keptUp: row.rate === undefined || rate >= row.rate * KEPT_UP,
    cpuMicrosPerExchange: spread(cpuMicros(turns)),
    cpuShare: rounded(of((report) => (report.cpuSeconds / report.seconds) * 1000) / 1000, 3),
    idleShare: rounded(idle, 4),
    megabytesPerSecond: of((report) => report.megabytesPerSecond),
    generatorShare: of((report) => report.ownCpuSeconds / report.seconds),
    lateMs: of((report) => report.latestMs),
    sent,
    ...(received === undefined || transactions === undefined
      ? {}
      : { received, transactions, lost: sent - received, shed: received - transactions }),
    brokenOff: reports.filter(({ drained }) => !drained).length,
    ...(residentMb === undefined ? {} : { residentMb }),
  };
}

/** The median over rounds of ours against theirs in the same round: both had the machine as it was then. */
function ratio(turns: readonly Turns[], other: ServerName): number | undefined {
  const ours = turns.find(({ server }) => server === 'http2');
  const theirs = turns.find(({ server }) => server === other);
  if (ours === undefined || theirs === undefined) return undefined;
  const divisors = cpuMicros(theirs);
  return rounded(median(cpuMicros(ours).map((value, round) => value / (divisors[round] ?? NaN))), 3);
}

export function summarize(results: readonly (readonly Turns[])[]) {
  const rows = results.flatMap((turns) => turns.map(rowOf));
  const named = (name: string): readonly Turns[] =>
    results.find(([first]) => first !== undefined && nameOf(first.row) === name) ?? [];
  const judged = named(JUDGED);
  return {
    ratioToGrpcJs: ratio(judged, 'grpc-js'),
    ratioToNodeHttp2: ratio(judged, 'node-http2'),
    ratioToNghttpd: ratio(judged, 'nghttpd'),
    ratioToGrpcJsAsleep: ratio(named(JUDGED_ASLEEP), 'grpc-js'),
    ratioToNghttpdAsleep: ratio(named(JUDGED_ASLEEP), 'nghttpd'),
    ratiosAt: JUDGED,
    /** Sent, and no sink heard of it; heard of, and given up though the rate was kept. */
    lost: rows.reduce((sum, { lost }) => sum + (lost ?? 0), 0),
    shed: rows.reduce((sum, { asked, keptUp, shed }) => sum + (asked !== 'flat out' && keptUp ? (shed ?? 0) : 0), 0),
    ratios: results.map((turns) => ({
      row: turns[0] === undefined ? '' : nameOf(turns[0].row),
      toGrpcJs: ratio(turns, 'grpc-js'),
      toNodeHttp2: ratio(turns, 'node-http2'),
      toNghttpd: ratio(turns, 'nghttpd'),
    })),
    rows,
  };
}

/** For who watches. */
export function linesOf(turns: readonly Turns[]): readonly string[] {
  return turns.map((one) => {
    const row = rowOf(one);
    const { median: middle, min, max } = row.cpuMicrosPerExchange;
    const loss = row.lost === undefined ? '' : `, of ${row.sent} ${row.lost} lost, ${row.shed} shed`;
    return `${row.row.padEnd(12)} ${row.server.padEnd(10)} ${String(row.rate).padStart(9)}/s  ${middle} µs (${min}-${max})  ${(row.cpuShare * 100).toFixed(1)} % of a core${loss}`;
  });
}
