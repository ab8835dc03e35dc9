/** SIGTERM for a loopd that stands beside a real Envoy under load, and another one in its place: live traffic does not notice. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import * as http from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';
import { startChildLoopd } from '../support/child-loopd.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { freePort } from '../support/server-process.ts';
import { SteadyLoad } from '../support/steady-load.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const PER_SECOND = 100;
const sizeOf = (index: number): number => (index % 10 === 3 ? 100_000 : (index * 37) % 2_000);
const RECORDING_MS = 5_000;

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** `/events` says something all the time, `/held` waits for `release` and fails, `/<bytes>/<status>` is answered so. */
async function startService() {
  const held: http.ServerResponse[] = [];
  const server = http.createServer((request, response) => {
    request.resume();
    const [, first = '', status] = (request.url ?? '').split('/');
    if (first === 'held') return void held.push(response);
    if (first !== 'events') return void response.writeHead(Number(status ?? 200)).end(Buffer.alloc(Number(first), 'x'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let said = 0;
    const timer = setInterval(() => response.write(`data: ${(said += 1)}\n\n`), 50);
    response.once('close', () => clearInterval(timer));
  });
  const port = await listening(server);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port, isHeld: () => held.length > 0, release: () => held.forEach((one) => one.writeHead(500).end('late')) };
}

/** Answers every line with itself. */
async function startDatabase(): Promise<number> {
  const taken = new Set<Socket>();
  const server = createServer((accepted) => {
    taken.add(accepted);
    accepted.on('error', () => undefined).pipe(accepted);
  });
  const port = await listening(server);
  onTestFinished(() => {
    server.close();
    for (const one of taken) one.destroy();
  });
  return port;
}

async function behindSidecar(directory: string, app: number) {
  const pooled = await freePort();
  const envoy = await startEnvoy(
    sidecarYaml({
      speaker: { service: 'front', instance: 'front-1' },
      sink: { kind: 'unix', path: join(directory, 'sink.sock') },
      envoyVersion: TESTED_VERSION,
      admin: socket('127.0.0.1', 0),
      inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
      tcp: [
        {
          name: 'database',
          peer: 'database.shop:5432',
          protocol: 'tcp',
          address: socket('127.0.0.1', await startDatabase()),
          listen: socket('127.0.0.1', pooled),
        },
      ],
    }),
  );
  onTestFinished(() => envoy.stop());
  return { envoy, origin: await envoy.listener('inbound'), pooled };
}

/** Requests without a pause until it is told to end. */
function under(origin: string) {
  const load = new SteadyLoad(origin, PER_SECOND, sizeOf);
  onTestFinished(() => load.close());
  let over = false;
  const run = (async () => {
    const all = { requests: 0, errors: [] as string[], longestMs: 0 };
    while (!over) {
      const { requests, errors, longestMs } = await load.run(PER_SECOND / 2);
      all.requests += requests;
      all.errors.push(...errors);
      all.longestMs = Math.max(all.longestMs, longestMs);
    }
    return all;
  })();
  return () => {
    over = true;
    return run;
  };
}

/** A stream of events; what it returns resolves to whether more of them come, none left out. */
async function listenTo(origin: string) {
  const request = http.get(`${origin}/events`);
  onTestFinished(() => void request.destroy());
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let newest = 0;
  let broken = false;
  response.once('close', () => (broken = true));
  response.on('error', () => undefined);
  const lines = createInterface({ input: response });
  lines.on('error', () => undefined);
  lines.on('line', (line) => {
    if (line === `data: ${newest + 1}`) newest += 1;
  });
  return async (): Promise<boolean> => {
    const before = newest;
    await until(async () => broken || newest > before + 3, Boolean);
    return !broken;
  };
}

/** A connection of a pool; what it returns resolves to whether it still answers. */
async function pool(port: number) {
  const connection = connect(port, '127.0.0.1');
  onTestFinished(() => void connection.destroy());
  await once(connection, 'connect');
  let asked = 0;
  return async (): Promise<boolean> => {
    const question = `select ${(asked += 1)}\n`;
    connection.write(question);
    const [answer] = (await once(connection, 'data')) as [Buffer];
    return answer.toString() === question;
  };
}

function traced(origin: string, path: string) {
  const trace = randomBytes(16).toString('hex');
  const answer = fetch(`${origin}${path}`, { headers: { traceparent: `00-${trace}-00000000000000ab-01` } }).then(
    async (response) => (await response.arrayBuffer(), response.status),
  );
  return { key: `trace:${trace}`, answer };
}

const LOOPD = 'recorder: {settleMs: 200}\n';
/** As Envoy counts. */
const NOTHING_UNRECORDED = {
  'loop_inbound streams_failed': 0,
  'loop_inbound failure_mode_allowed': 0,
  'loop_tcp streams_failed': 0,
  'loop_tcp failure_mode_allowed': 0,
};

test('a loopd that is told to stop, and the next one: nobody is harmed, and what failed until then is there', async () => {
  const directory = temporaryDirectory();
  const service = await startService();
  const first = await startChildLoopd(directory, LOOPD);
  onTestFinished(() => first.stop());
  const { envoy, origin, pooled } = await behindSidecar(directory, service.port);
  const unrecorded = async () =>
    Object.fromEntries(
      Object.entries(await envoy.stats('(streams_failed|failure_mode_allowed)$')).map(([name, count]) => [
        name.split('.').slice(-2).join(' '),
        count,
      ]),
    );
  const [hears, answers] = await Promise.all([listenTo(origin), pool(pooled)]);
  const stopLoad = under(origin);
  await until(
    () => first.metrics(),
    (metrics) => (metrics['loop_ingest_messages'] ?? 0) > 300,
  );
  expect([await hears(), await answers()]).toEqual([true, true]);
  expect(await unrecorded()).toEqual(NOTHING_UNRECORDED);
  const late = traced(origin, '/held');
  await until(async () => service.isHeld(), Boolean);
  const early = traced(origin, '/10/500');
  expect(await early.answer).toBe(500);
  const stopping = performance.now();
  const stopped = first.stop();
  // It listens no more, and waits for what is open.
  await until(
    () => existsSync(join(directory, 'sink.sock')),
    (listens) => !listens,
  );
  service.release();
  expect(await late.answer).toBe(500);
  await stopped;
  const stoppedMs = performance.now() - stopping;
  expect([await hears(), await answers()]).toEqual([true, true]);
  const second = await startChildLoopd(directory, LOOPD);
  onTestFinished(() => second.stop());
  const again = performance.now();
  const known = (await allFailures(second.api)).map(({ transaction }) => transaction);
  expect(known.toSorted()).toEqual([early.key, late.key].toSorted());
  const later = new Set<string>();
  await until(
    async () => {
      const one = traced(origin, '/10/500');
      later.add(one.key);
      await one.answer;
      return allFailures(second.api);
    },
    (loops) => loops.some(({ transaction }) => later.has(transaction)),
  );
  const recordingMs = performance.now() - again;
  expect([await hears(), await answers()]).toEqual([true, true]);
  const { requests, errors, longestMs } = await stopLoad();
  const told = await unrecorded();
  const failed = told['loop_inbound streams_failed'] ?? 0;
  console.log(
    `stopped in ${Math.round(stoppedMs)} ms, recorded again after ${Math.round(recordingMs)} ms; of ${requests} requests ${failed} were not recorded, the longest took ${longestMs} ms`,
  );
  expect(errors).toEqual([]);
  // Only what began while nobody listened; a call that the sink has ended is no failed one.
  expect(failed).toBeGreaterThan(0);
  expect(told).toEqual({
    ...NOTHING_UNRECORDED,
    'loop_inbound streams_failed': failed,
    'loop_inbound failure_mode_allowed': failed,
  });
  expect(recordingMs).toBeLessThan(RECORDING_MS);
});
