// A real Envoy, a memory of seconds and a history of minutes behind it: what failed a minute of traffic after it began is whole.
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathOf, statusOf } from '../../src/domain/exchange.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { patient } from '../support/patient.ts';
import { startPostgres } from '../support/postgres.ts';
import type { RunningPostgres } from '../support/postgres.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const TRAFFIC_MS = 60_000;
const PER_SECOND = 40;
const MIB = 1024 * 1024;
const TRACE = 'c0ffee'.padStart(32, '0');

/** Asks its database, calls itself through its sidecar, and for /slow waits in between. */
class App {
  readonly server = http.createServer((request, response) => void this.#serve(request, response));
  readonly release = Promise.withResolvers<void>();
  readonly early = Promise.withResolvers<void>();
  pool: pg.Pool | undefined;
  outbound = '';

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    request.resume();
    const path = request.url ?? '';
    const traceparent = String(request.headers['traceparent']);
    if (path === '/slow') await this.#slow(traceparent);
    else if (path.startsWith('/traffic')) await this.pool?.query(`select '${path}' as traffic`);
    response.writeHead(path === '/slow' || path === '/late' ? 500 : 200).end(path.padEnd(2_000, '.'));
  }

  async #slow(traceparent: string): Promise<void> {
    await this.pool?.query('select $1::text as early', ['first']);
    await this.#call('/early', traceparent);
    this.early.resolve();
    await this.release.promise;
    await this.pool?.query('select $1::text as late', ['last']);
    await this.#call('/late', traceparent);
  }

  /** By the sidecar, as an explicit proxy. */
  async #call(path: string, traceparent: string): Promise<void> {
    const { hostname, port } = new URL(this.outbound);
    const options = { hostname, port, path: `http://self.test${path}`, headers: { host: 'self.test', traceparent } };
    const [answer] = (await once(http.get(options), 'response')) as [http.IncomingMessage];
    await once(answer.resume(), 'end');
  }
}

let daemon: TestLoopd;
let database: RunningPostgres;
let envoy: RunningEnvoy;
let inbound: string;
const app = new App();

beforeAll(async () => {
  database = await startPostgres();
  daemon = await startTestLoopd({ recorder: { ringBytes: MIB, history: { bytes: 64 * MIB } } });
  app.server.listen(0, '127.0.0.1');
  await once(app.server, 'listening');
  envoy = await startEnvoy(
    patient(
      sidecarYaml({
        speaker: { service: 'front', instance: 'front-1' },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app.port) },
        outbound: {
          listen: socket('127.0.0.1', 0),
          upstreams: [{ name: 'self', hosts: ['self.test'], address: socket('127.0.0.1', app.port) }],
        },
        tcp: [
          {
            name: 'db',
            listen: socket('127.0.0.1', 0),
            peer: 'postgres.test:5432',
            protocol: 'postgres',
            address: socket(database.host, database.port),
          },
        ],
      }),
    ),
  );
  inbound = await envoy.listener('inbound');
  app.outbound = await envoy.listener('outbound');
  const { hostname, port } = new URL(await envoy.listener('db'));
  const { user, password, database: name } = database;
  app.pool = new pg.Pool({ host: hostname, port: Number(port), user, password, database: name, max: 2 });
});

afterAll(async () => {
  await app.pool?.end();
  app.server.close();
  await envoy.stop();
  await daemon.close();
  await database.stop();
});

async function get(path: string, trace: string): Promise<number> {
  const headers = { traceparent: `00-${trace}-00000000000000ab-01` };
  const [answer] = (await once(http.get(`${inbound}${path}`, { headers }), 'response')) as [http.IncomingMessage];
  await once(answer.resume(), 'end');
  return answer.statusCode ?? 0;
}

async function metrics(): Promise<string> {
  const headers = { authorization: `Bearer ${daemon.loopd.token}` };
  return (await fetch(new URL('/metrics', daemon.loopd.apiUrl), { headers })).text();
}

test('a failure a minute of traffic after its first exchanges is whole', async () => {
  const slow = get('/slow', TRACE);
  await app.early.promise;
  const began = performance.now();
  for (let sent = 0; performance.now() - began < TRAFFIC_MS; sent += 1) {
    await delay(Math.max(0, began + (sent * 1000) / PER_SECOND - performance.now()));
    await get(`/traffic/${sent}`, (sent + 1).toString(16).padStart(32, 'f'));
  }
  const stats = daemon.loopd.stats()?.recorder;
  expect(stats?.historySeconds).toBeLessThan(40);
  expect(stats?.spill?.dropped).toEqual({ segments: 0, bytes: 0 });
  app.release.resolve();
  expect(await slow).toBe(500);
  const transaction = await until(
    async () => {
      const [loop] = (await allFailures(daemon.api)).filter(({ transaction: key }) => key === `trace:${TRACE}`);
      return loop && (await openLoop(daemon.api, loop.id)).transaction;
    },
    (seen) => seen?.commands.some(({ command }) => command.summary.includes('early')) === true,
  );
  expect(transaction?.holes).toEqual([]);
  expect(
    transaction?.exchanges.map((one) => `${one.vantage.direction} ${pathOf(one)} ${statusOf(one)}`).toSorted(),
  ).toEqual(['inbound /slow 500', 'outbound /early 200', 'outbound /late 500']);
  const summaries = transaction?.commands.map(({ command }) => command.summary) ?? [];
  for (const name of ['early', 'late']) expect(summaries.filter((text) => text.includes(`as ${name}`))).toHaveLength(1);
  expect(await metrics()).toMatch(/loop_history_seconds (?:[5-9]\d|\d{3})/);
  expect(daemon.complaints).toEqual([]);
});

test('nothing of it can be read in its file', () => {
  const bytes = readFileSync(join(daemon.data, 'history'));
  expect(bytes.length).toBeGreaterThan(60 * MIB);
  for (const text of ['/traffic/1', 'traceparent', 'x-loop-service', 'as traffic'])
    expect(bytes.includes(text)).toBe(false);
});

test('the books are right, and the file is gone when loopd is', async () => {
  const { received, ...fates } = daemon.loopd.stats()?.recorder.fates ?? {};
  const sum = (unit: 'segments' | 'bytes'): number => Object.values(fates).reduce((all, tally) => all + tally[unit], 0);
  expect({ segments: sum('segments'), bytes: sum('bytes') }).toEqual(received);
  expect(readdirSync(daemon.data)).toContain('history');
  await daemon.loopd.stop();
  expect(readdirSync(daemon.data)).not.toContain('history');
});
