/** Everything a service of the table talks to, real, and the recording of one failure of it through a real Envoy. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { socket } from '../../src/envoy-config/address.ts';
import type { SidecarOptions } from '../../src/envoy-config/options.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';
import { start } from '../matrix/processes.ts';
import { grpcServer } from '../matrix/servers/grpc.ts';
import { postgresServer } from '../matrix/servers/postgres.ts';
import { redisServer } from '../matrix/servers/redis.ts';
import { patient } from '../support/patient.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { freePort } from '../support/server-process.ts';
import { startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { startTlsHost } from '../support/tls-host.ts';
import { until } from '../support/until.ts';
import type { Runtime } from './runtimes.ts';

export const SERVICE = 'app';
/** Names that only the service knows, as a cluster's are. */
const RATES = 'rates.matrix.test';
const STREAMS = 'streams.matrix.test';
export const SECURE = 'secure.matrix.test';
const DB = 'db.matrix.test';
const CACHE = 'cache.matrix.test';

const READY_MS = 30_000;
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export interface World extends AsyncDisposable {
  record(runtime: Runtime): Promise<Recorded>;
}

export interface Recorded {
  /** The `.loop` file, opened. */
  readonly file: string;
  /** The service's environment in the sandbox. */
  readonly env: Readonly<Record<string, string>>;
}

interface Peers {
  readonly directory: string;
  readonly daemon: TestLoopd;
  readonly http: SidecarOptions['outbound'];
  readonly tcp: NonNullable<SidecarOptions['tcp']>;
  readonly env: Readonly<Record<string, string>>;
}

export async function startWorld(): Promise<World> {
  const opened = new AsyncDisposableStack();
  try {
    const peers = await startPeers(opened);
    return {
      record: (runtime) => record(peers, runtime),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function startPeers(opened: AsyncDisposableStack): Promise<Peers> {
  const directory = mkdtempSync(join(tmpdir(), 'runtimes-world-'));
  opened.defer(() => rmSync(directory, { recursive: true, force: true }));
  // Another user replays what is in it.
  chmodSync(directory, 0o755);
  const daemon = await startTestLoopd();
  opened.defer(() => daemon.close());
  const postgres = opened.adopt(await postgresServer.start(), (server) => server.stop());
  const redis = opened.adopt(await redisServer.start(), (server) => server.stop());
  const streams = opened.adopt(await grpcServer.start(), (server) => server.stop());
  const secure = opened.adopt(await startTlsHost(SECURE), (host) => host.close());
  const rates = await startRates(opened);
  const ca = join(directory, 'ca.pem');
  writeFileSync(ca, secure.ca);
  writeFileSync(join(directory, 'hosts'), `127.0.0.1 localhost ${[RATES, STREAMS, SECURE, DB, CACHE].join(' ')}\n`);
  const listen = socket('127.0.0.1', 0);
  const at = (port: number) => socket('127.0.0.1', port);
  return {
    directory,
    daemon,
    http: {
      listen,
      upstreams: [
        { name: 'rates', hosts: [RATES], address: at(rates) },
        { name: 'streams', hosts: [STREAMS], address: at(streams.port) },
        { name: 'secure', hosts: [SECURE], address: at(secure.port), tls: { ca } },
      ],
    },
    tcp: [
      { name: 'db', listen, peer: `${DB}:5432`, protocol: 'postgres', address: at(postgres.port) },
      { name: 'cache', listen, peer: `${CACHE}:6379`, protocol: 'redis', address: at(redis.port) },
    ],
    env: { ...postgres.env, CACHE_PASSWORD: redis.env['REDIS_PASSWORD'] ?? '', DB_HOST: DB, CACHE_HOST: CACHE },
  };
}

async function startRates(opened: AsyncDisposableStack): Promise<number> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"rate":1.25}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

async function record(peers: Peers, runtime: Runtime): Promise<Recorded> {
  const { daemon, directory } = peers;
  const port = await freePort();
  const envoy = await startEnvoy(sidecar(peers, port));
  try {
    const env = { ...peers.env, ...(await addresses(envoy)), ...runtime.prepared.env };
    const home = join(directory, `home-${runtime.name}`);
    mkdirSync(home, { recursive: true });
    const program = start(withNames(runtime.prepared.command, directory), {
      cwd: home,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, ...env, PORT: String(port) },
      within: 2 * READY_MS,
    });
    const before = (await daemon.api.list({ purpose: 'failure', limit: 500 })).loops.length;
    try {
      await until(() => isReady(port), Boolean, READY_MS);
      await drive(`${await envoy.listener('inbound')}/run`);
      const { loops } = await until(
        () => daemon.api.list({ purpose: 'failure', limit: 500 }),
        (page) => page.loops.length > before,
        READY_MS,
      );
      const [loop] = loops;
      if (loop === undefined) throw new Error('nothing was kept');
      const file = join(directory, `${runtime.name}.loop`);
      writeFileSync(file, await daemon.api.recording(loop.id, { open: true }), { mode: 0o644 });
      // The sidecar speaks TLS for the service in production; in the sandbox it does so itself.
      const replayed = { DB_PORT: '5432', CACHE_PORT: '6379', SECURE: env.SECURE.replace('http:', 'https:') };
      return { file, env: { ...env, ...replayed } };
    } catch (cause) {
      throw new Error(`${String(cause)}; its last words: ${program.said()}`, { cause });
    } finally {
      await program.stop();
    }
  } finally {
    await envoy.stop();
  }
}

function sidecar({ daemon, http, tcp }: Peers, port: number): string {
  return patient(
    sidecarYaml({
      speaker: { service: SERVICE, instance: `${SERVICE}-1`, version: '1.0.0' },
      sink: daemon.sink,
      envoyVersion: TESTED_VERSION,
      admin: socket('127.0.0.1', 0),
      inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', port) },
      ...(http !== undefined && { outbound: http }),
      tcp,
    }),
  );
}

async function addresses(envoy: RunningEnvoy) {
  const at = async (name: string): Promise<string> => new URL(await envoy.listener(name)).port;
  const outbound = await at('outbound');
  return {
    RATES: `${RATES}:${outbound}`,
    STREAMS: `${STREAMS}:${outbound}`,
    SECURE: `http://${SECURE}:${outbound}`,
    DB_PORT: await at('db'),
    CACHE_PORT: await at('cache'),
  };
}

/** The command, in a mount namespace in which all names are this machine. */
function withNames(command: readonly string[], directory: string): readonly string[] {
  const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, join(directory, 'hosts'), ...command];
}

async function drive(url: string): Promise<void> {
  const headers = { traceparent: TRACEPARENT };
  const response = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(READY_MS) });
  const text = await response.text();
  if (response.status !== 500) throw new Error(`POST /run answered ${response.status}: ${text.slice(0, 500)}`);
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
