// What an exchange costs the sink against what grows: open calls, length of the body, connections. Flat is what it should be.
//   npm run -s bench:flat -- --json > bench/results/flat.json
//   node bench/flat.ts --quick --transport grpc-js
// The generator of bench:ingest; one thing grows, the rest stays: 1 KB, 5,000 a second, 4 connections, calls that linger for a second. Open
// calls grow with how long a call lingers; the index has room for all of them. Exit code 1 when anything was refused or given up. Bodies come at 500 a second, so that all lengths do. Rounds are interleaved, figures are medians.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSink } from './ingest/servers.ts';
import { Generator } from './load/generator.ts';
import type { Load, LoadReport } from './load/generator.ts';
import { environment, rounded, spread } from './load/numbers.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    rate: { type: 'string', default: '5000' },
    transport: { type: 'string', default: 'http2' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const rate = Number(values.rate);
const BODY_RATE = 500;
const SETTLE_SECONDS = 1.2;
const SECONDS = 2;
/** Of one connection no more are open at once: the sink takes 10,000. */
const OPEN_OF_ONE = 5000;
/** Room for 100,000 transactions of one exchange and more: by default it is for 28,000, and refusing costs less than recording. */
const INDEX_BYTES = 256 * 1024 * 1024;

/** Fast, but not so fast that anything is given up: what was is asked about for a minute. */
const FILL: Omit<Load, 'seed' | 'seconds'> = { shape: '1k', rate: 15_000, connections: 4, warmSeconds: 1 };
const FILL_SECONDS = 6;

interface Point {
  readonly axis: 'open calls' | 'body KB' | 'connections';
  readonly value: number;
  readonly load: Omit<Load, 'seed' | 'seconds'>;
}

function openPoint(open: number): Point {
  // A transaction is settled a second after its last message; calls that linger longer are open ones.
  const lingerMs = (open / rate) * 1000;
  const connections = Math.max(4, Math.ceil(open / OPEN_OF_ONE));
  const warmSeconds = lingerMs / 1000 + SETTLE_SECONDS;
  return { axis: 'open calls', value: open, load: { shape: '1k', rate, connections, warmSeconds, lingerMs } };
}

function bodyPoint(kilobytes: number): Point {
  const answerBytes = Math.round(kilobytes * 1024);
  const load = { shape: '1k' as const, answerBytes, rate: BODY_RATE, connections: 4, warmSeconds: 1 + SETTLE_SECONDS };
  return { axis: 'body KB', value: kilobytes, load };
}

function connectionPoint(connections: number): Point {
  const load = { shape: '1k' as const, rate, connections, warmSeconds: 1 + SETTLE_SECONDS };
  return { axis: 'connections', value: connections, load };
}

const POINTS: readonly Point[] = [
  ...[100, 1000, 10_000, 50_000].map(openPoint),
  ...[0.2, 1, 16, 256].map(bodyPoint),
  ...[1, 10, 100, 500].map(connectionPoint),
];

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** False when some point did not record all that was sent. */
async function main(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-flat-'));
  const generator = new Generator(folder);
  const server = await startSink(values.transport === 'grpc-js' ? 'grpc-js' : 'http2', folder, INDEX_BYTES);
  let seed = 0;
  const send = (load: Point['load'], seconds: number): Promise<LoadReport> =>
    generator.send(server.target, server.pid, { ...load, seconds, seed: ++seed });
  try {
    await send(FILL, FILL_SECONDS);
    const reports = new Map<Point, LoadReport[]>(POINTS.map((point) => [point, []]));
    const shed = new Map<Point, number>();
    for (let round = 0; round < rounds; round++)
      for (const point of POINTS) {
        const before = (await server.counts())?.shedSegments ?? 0;
        const report = await send(point.load, SECONDS);
        const after = (await server.counts())?.shedSegments ?? 0;
        shed.set(point, (shed.get(point) ?? 0) + after - before);
        reports.get(point)?.push(report);
        say(
          `${point.axis} ${point.value}: ${micros(report)} µs at ${report.rate}/s${report.drained ? '' : ', broke off'}`,
        );
      }
    const rows = [...reports].map(([point, own]) => ({
      axis: point.axis,
      value: point.value,
      asked: point.load.rate,
      rate: rounded(spread(own.map((report) => report.rate)).median),
      cpuMicrosPerExchange: spread(own.map((report) => micros(report))),
      megabytesPerSecond: spread(own.map((report) => report.megabytesPerSecond)).median,
      /** Messages that no transaction has: the index was full, or the sink overloaded. Such a row is none. */
      shedSegments: shed.get(point),
      brokenOff: own.filter(({ drained }) => !drained).length,
    }));
    const result = {
      transport: values.transport,
      rounds,
      environment: environment(),
      rows,
    };
    if (values.json) process.stdout.write(`${JSON.stringify(result, undefined, 1)}\n`);
    const refused = rows.filter(({ shedSegments = 0 }) => shedSegments > 0);
    for (const { axis, value, shedSegments } of refused) say(`${axis} ${value}: ${shedSegments} messages were shed`);
    return refused.length === 0;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function micros({ cpuSeconds, calls }: LoadReport): number {
  return rounded((cpuSeconds / calls) * 1e6);
}

process.exitCode = (await main()) ? 0 : 1;
