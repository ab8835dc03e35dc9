// A thousand exchanges a second through one Envoy worker, and so on one connection to the sink: is it ever lost, does everything arrive?
//   LOOP_ENVOY=… node bench/one-connection.ts --seconds 60 --rate 1000
// The client sends at a fixed rate whatever becomes of the answers (undici, kept connections); the service is a process of its own. Progress on
// stderr; one JSON object on stdout at the end. Exit code 1 when anything is amiss.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { socket } from '../src/envoy-config/address.ts';
import { sidecarYaml } from '../src/envoy-config/sidecar.ts';
import type { ChildLoopd } from '../test/support/child-loopd.ts';
import { startChildLoopd } from '../test/support/child-loopd.ts';
import type { RunningEnvoy } from '../test/support/running-envoy.ts';
import { startEnvoy } from '../test/support/running-envoy.ts';
import { allFailures } from '../test/support/test-loopd.ts';
import { until } from '../test/support/until.ts';

const CONNECTIONS = 64;
/** One in so many fails. */
const FAILING = 1000;
const BODY = Buffer.alloc(500, 'q');

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1000' },
    serve: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rate = Number(values.rate);

async function main(): Promise<boolean> {
  const data = mkdtempSync(join(tmpdir(), 'loop-one-connection-'));
  const service = fork(fileURLToPath(import.meta.url), ['--serve']);
  const [port] = (await once(service, 'message')) as [number];
  const loopd = await startChildLoopd(data);
  const envoy = await startEnvoy(
    sidecarYaml({
      speaker: { service: 'front', instance: 'front-1' },
      sink: { kind: 'unix', path: join(data, 'sink.sock') },
      envoyVersion: { major: 1, minor: 40 },
      admin: socket('127.0.0.1', 0),
      inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', port) },
    }),
  );
  try {
    const before = cpuSeconds(loopd.pid);
    const load = await send(await envoy.listener('inbound'));
    const cpu = cpuSeconds(loopd.pid) - before;
    const result = {
      seconds,
      rate,
      ...load,
      loopdCpuShare: round(cpu / load.tookSeconds),
      ...(await compare(envoy, loopd, load.sent)),
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return result.ok && load.errors === 0;
  } finally {
    await envoy.stop();
    await loopd.stop();
    await stop(service);
    rmSync(data, { recursive: true, force: true });
  }
}

/** Each request when it is due. */
async function send(origin: string) {
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  const began = performance.now();
  const took: number[] = [];
  const pending = new Set<Promise<void>>();
  let errors = 0;
  const loads: number[] = [];
  for (let index = 0; index < seconds * rate; index++) {
    const due = began + (index * 1000) / rate;
    if (due - performance.now() > 1) await delay(due - performance.now());
    const one = request(pool, index).then(
      (ms) => void took.push(ms),
      () => void (errors += 1),
    );
    pending.add(one);
    void one.then(() => pending.delete(one));
    if (index % (10 * rate) === 0) {
      loads.push(round(loadavg()[0] ?? 0));
      process.stderr.write(`${index} sent, ${pending.size} under way, ${errors} errors, load ${loads.at(-1)}\n`);
    }
  }
  const tookSeconds = (performance.now() - began) / 1000;
  await Promise.all(pending);
  await pool.close();
  const sorted = took.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return {
    sent: seconds * rate,
    errors,
    tookSeconds: round(tookSeconds),
    achieved: Math.round((seconds * rate) / tookSeconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    longestMs: at(1),
    load: loads,
  };
}

async function request(pool: Pool, index: number): Promise<number> {
  const began = performance.now();
  const failing = index % FAILING === FAILING - 1;
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: failing ? '/fails' : `/things/${index}`,
    body: BODY,
  });
  await body.dump();
  if (statusCode !== (failing ? 500 : 200)) throw new Error(`answered ${statusCode}`);
  return performance.now() - began;
}

async function compare(envoy: RunningEnvoy, loopd: ChildLoopd, exchanges: number) {
  const failing = Math.floor(exchanges / FAILING);
  const filter = await envoy.stats('ext_proc.loop_inbound');
  const counted = (name: string): number => filter[`http.inbound.ext_proc.loop_inbound.${name}`] ?? 0;
  const metrics = await until(
    () => loopd.metrics(),
    (seen) => seen['loop_ingest_messages'] === counted('stream_msgs_sent'),
  ).catch(() => loopd.metrics());
  const loops = await until(
    () => allFailures(loopd.api),
    (listed) => listed.length >= failing,
  ).catch(() => allFailures(loopd.api));
  const cluster = await envoy.stats(
    '^cluster.loop_sink.upstream_(cx_total|cx_destroy|cx_destroy_with_active_rq|cx_close_notify|rq_rx_reset|rq_pending_overflow|flow_control_backed_up_total)$',
  );
  const sink = Object.fromEntries(
    Object.entries(cluster).map(([name, value]) => [name.replace('cluster.loop_sink.upstream_', ''), value]),
  );
  const fates = Object.fromEntries(
    Object.entries(metrics)
      .filter(([name]) => name.startsWith('loop_recorder_segments'))
      .map(([name, value]) => [name.slice('loop_recorder_segments{fate="'.length, -2), value]),
  );
  const received = metrics['loop_ingest_messages'] ?? 0;
  const lost = counted('failure_mode_allowed') + counted('streams_failed');
  return {
    ok:
      sink['cx_total'] === 1 &&
      sink['cx_destroy'] === 0 &&
      sink['cx_close_notify'] === 0 &&
      lost === 0 &&
      received === counted('stream_msgs_sent') &&
      loops.length === failing &&
      counted('streams_started') === exchanges,
    calls: counted('streams_started'),
    envoySent: counted('stream_msgs_sent'),
    received,
    unrecorded: lost,
    sink,
    loops: loops.length,
    fates,
    ringHistorySeconds: Math.round(metrics['loop_recorder_history_seconds'] ?? 0),
    residentMb: Math.round((metrics['loop_memory_bytes{kind="resident"}'] ?? 0) / 1e6),
  };
}

/** User and system time of a process, in seconds (proc(5): fields 14 and 15, in ticks of 10 ms). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill();
  await once(child, 'exit');
}

/** Answers with 1 kB. */
async function serve(): Promise<void> {
  const answer = Buffer.alloc(1000, 'a');
  const server = http.createServer({ keepAliveTimeout: 120_000 }, (incoming, response) => {
    incoming
      .resume()
      .once('end', () =>
        response.writeHead(incoming.url === '/fails' ? 500 : 200, { 'content-type': 'text/plain' }).end(answer),
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.((server.address() as AddressInfo).port);
}

if (values.serve) await serve();
else process.exitCode = (await main()) ? 0 : 1;
