/** A real Redis server for tests: the binary of `npm run setup`, nothing kept on disk, a port of the OS; alone or as a cluster. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { cacheRoot } from '../../scripts/bootstrap/cache.mjs';
import { ensureRedis } from '../../scripts/bootstrap/redis.mjs';
import { collect, freePort } from './server-process.ts';
import { until } from './until.ts';

export interface RunningRedis {
  readonly host: string;
  readonly port: number;
  /** Stops it and removes its directory. Idempotent. */
  stop(): Promise<void>;
}

export interface RunningRedisCluster {
  /** The three masters; slots are spread evenly, in this order. */
  readonly nodes: readonly RunningRedis[];
  stop(): Promise<void>;
}

/** The server that tests run; `npm test` names it in LOOP_REDIS, and a single test file finds it as `npm test` does. */
export function redisPath(): string {
  return ensureRedis({ cache: cacheRoot(process.env), env: process.env });
}

/** Starts within a few hundred milliseconds. `settings` are lines of redis.conf, like `requirepass secret`. */
export async function startRedis(settings: readonly string[] = []): Promise<RunningRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'loop-redis-'));
  try {
    const port = await freePort();
    const server = spawn(redisPath(), ['-'], { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] });
    server.stdin.end([`port ${port}`, 'bind 127.0.0.1', "save ''", 'appendonly no', ...settings, ''].join('\n'));
    await accepting(server);
    return { host: '127.0.0.1', port, stop: () => stop(server, directory) };
  } catch (cause) {
    await rm(directory, { recursive: true, force: true });
    throw cause;
  }
}

/** Three masters without replicas that know each other; resolves when each says that the cluster is whole. */
export async function startRedisCluster(settings: readonly string[] = []): Promise<RunningRedisCluster> {
  const started = await Promise.allSettled([0, 1, 2].map(() => startNode(settings)));
  const nodes = started.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []));
  const stopAll = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    for (const node of started) if (node.status === 'rejected') throw node.reason;
    await makeCluster(nodes);
    return { nodes, stop: stopAll };
  } catch (cause) {
    await stopAll();
    throw cause;
  }
}

async function startNode(settings: readonly string[]): Promise<RunningRedis> {
  // The default, the port + 10000, may be no port at all.
  const bus = await freePort();
  return startRedis(['cluster-enabled yes', `cluster-port ${bus}`, 'cluster-node-timeout 2000', ...settings]);
}

const SLOTS = 16_384;

async function makeCluster(nodes: readonly RunningRedis[]): Promise<void> {
  const clients = await Promise.all(
    nodes.map(({ host, port }) => createClient({ socket: { host, port }, RESP: 2 }).connect()),
  );
  try {
    const share = Math.ceil(SLOTS / clients.length);
    const buses = await Promise.all(
      clients.map((client) => client.sendCommand<string[]>(['CONFIG', 'GET', 'cluster-port'])),
    );
    for (const [index, client] of clients.entries()) {
      const [first, last] = [index * share, Math.min((index + 1) * share, SLOTS) - 1];
      await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
      await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(first), String(last)]);
    }
    for (const [index, { host, port }] of nodes.entries()) {
      if (index > 0) await clients[0]?.sendCommand(['CLUSTER', 'MEET', host, String(port), buses[index]?.[1] ?? '']);
    }
    await until(
      () => Promise.all(clients.map((client) => client.sendCommand<string>(['CLUSTER', 'INFO']))),
      (states) => states.every((state) => /cluster_state:ok[^]*cluster_known_nodes:3/.test(state)),
    );
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function accepting(server: ChildProcess): Promise<void> {
  const output = collect(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('close', (code) => reject(new Error(`redis ended with ${code}: ${output()}`)));
    server.stdout?.on('data', () => {
      if (output().includes('Ready to accept connections')) resolve();
    });
  });
}

async function stop(server: ChildProcess, directory: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const closed = once(server, 'close');
    server.kill('SIGTERM');
    await closed;
  }
  await rm(directory, { recursive: true, force: true });
}
