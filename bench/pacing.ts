// What sleeping between reads saves (src/ingest/pacing.ts), by the longest sleep and by the rate: CPU of loopd's ingest thread with its recorder.
// `--alone`: of the transport, with nothing behind it.
//   node bench/pacing.ts [--alone] [--json] [--quick] [--ceilings 0,1,2,4,8] [--rates 500,1000,5000,20000]
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startIngest } from '../src/ingest/client.ts';
import type { IngestStats } from '../src/ingest/client.ts';
import { createCounters } from '../src/ingest/counters.ts';
import { http2Transport } from '../src/ingest/http2/transport.ts';
import { DEFAULT_LIMITS } from '../src/ingest/limits.ts';
import { threadPacing } from '../src/ingest/pacing.ts';
import { CORES, Generator } from './load/generator.ts';
import { median } from './load/numbers.ts';

const CONNECTIONS = 4;

/** The transport with its pacing and nothing behind it. */
async function serveAlone(path: string, pacingMs: number): Promise<void> {
  const counters = createCounters();
  const now = (): number => performance.now();
  const schedule = (ms: number, run: () => void): (() => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const around = { counters, clock: { now }, schedule, pace: threadPacing(() => pacingMs, now, counters.paced) };
  const receiver = { message: () => undefined, mayIdle: () => true, ended: () => undefined };
  await http2Transport(around)(() => receiver, DEFAULT_LIMITS).listen({ kind: 'unix', path });
  process.stdout.write('ready\n');
  for await (const _line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify({ calls: counters.callsOpened, ...counters.paced })}\n`);
  process.exit(0);
}

/** The server's own process: `node bench/pacing.ts serve <socket> <ceiling>`. Answers a line on stdin with its counters. */
async function serve(path: string, pacingMs: number): Promise<void> {
  let stats: IngestStats | undefined;
  const ingest = await startIngest(
    { listen: [{ kind: 'unix', path }], pacingMs },
    {
      onPart: () => undefined,
      onInspection: ({ recorder, id }) => ingest.inspected({ recorder, id, keep: false }),
      onStats: (now) => (stats = now),
      onFailure: (error) => {
        throw error;
      },
    },
  );
  process.stdout.write('ready\n');
  for await (const _line of createInterface({ input: process.stdin }))
    process.stdout.write(
      `${JSON.stringify({ calls: stats?.counters.callsOpened, ...stats?.counters.paced, delay: stats?.loopDelayMs })}\n`,
    );
  await ingest.stop();
  process.exit(0);
}

interface Server {
  readonly ceiling: number;
  readonly path: string;
  readonly process: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

async function startServer(folder: string, ceiling: number, alone: boolean): Promise<Server> {
  const path = join(folder, `${String(ceiling)}.sock`);
  const pinned = CORES.generator === undefined ? [] : ['taskset', '-c', String(CORES.servers)];
  const words = [
    ...pinned,
    process.execPath,
    fileURLToPath(import.meta.url),
    alone ? 'serve-alone' : 'serve',
    path,
    String(ceiling),
  ];
  const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return { ceiling, path, process: child, lines };
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      alone: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      ceilings: { type: 'string', default: '0,1,2,4,8' },
      rates: { type: 'string', default: '500,1000,5000,20000' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'loop-pacing-'));
  const generator = new Generator(folder);
  const servers: Server[] = [];
  for (const ceiling of values.ceilings.split(',').map(Number))
    servers.push(await startServer(folder, ceiling, values.alone));
  const rounds = values.quick ? 1 : 5;
  const send = (server: Server, rate: number, warmSeconds: number, seconds: number) =>
    generator.send({ kind: 'unix', path: server.path }, server.process.pid ?? 0, {
      shape: '1k',
      rate,
      connections: CONNECTIONS,
      warmSeconds,
      seconds,
      seed: Math.round(performance.now()),
    });
  for (const server of servers) await send(server, 10_000, 1, values.quick ? 2 : 6);
  const rows: object[] = [];
  for (const rate of values.rates.split(',').map(Number)) {
    const costs = new Map<Server, number[]>(servers.map((server) => [server, []]));
    for (let round = 0; round < rounds; round++)
      for (const server of servers) {
        const report = await send(server, rate, 0.5, 3);
        if (!report.drained) process.stderr.write(`${server.ceiling} ms at ${rate}/s broke off\n`);
        costs.get(server)?.push((report.cpuSeconds / report.calls) * 1e6);
      }
    for (const [{ ceiling }, all] of costs) {
      const row = {
        rate,
        ceilingMs: ceiling,
        microsecondsPerExchange: Number(median(all).toFixed(1)),
        rounds: all.length,
      };
      rows.push(row);
      process.stderr.write(
        `${rate}/s, ${ceiling} ms: ${row.microsecondsPerExchange} µs (${all.map((one) => one.toFixed(1)).join(' ')})\n`,
      );
    }
  }
  for (const server of servers) {
    server.process.stdin?.write('\n');
    process.stderr.write(`${server.ceiling} ms: ${String((await server.lines.next()).value)}\n`);
    server.process.stdin?.end();
    await once(server.process, 'exit');
  }
  rmSync(folder, { recursive: true });
  if (values.json) process.stdout.write(`${JSON.stringify({ shape: '1k', connections: CONNECTIONS, rows })}\n`);
}

const [mode, path = '', ceiling = ''] = process.argv.slice(2);
if (mode === 'serve') await serve(path, Number(ceiling));
else if (mode === 'serve-alone') await serveAlone(path, Number(ceiling));
else await measure();
