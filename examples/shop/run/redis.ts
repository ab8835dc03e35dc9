/** A throw-away Redis that keeps nothing on disk. */
import { createClient } from 'redis';
import type { ManagedProcess } from './processes.ts';
import type { Supervisor } from './supervisor.ts';

export interface Redis {
  readonly process: ManagedProcess;
  readonly port: number;
  /** Straight to the server, not through a sidecar. */
  readonly url: string;
}

export interface RedisOptions {
  readonly supervisor: Supervisor;
  /** A redis-server or valkey-server. */
  readonly redisPath: string;
  readonly port: number;
  readonly directory: string;
  readonly logFile: string;
}

/** Starts it on loopback; resolves once it answers. Throws ShopError. */
export async function startRedis(options: RedisOptions): Promise<Redis> {
  const { supervisor, redisPath, port, directory, logFile } = options;
  const settings = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no', dir: directory };
  const redis = await supervisor.start({
    name: 'redis',
    command: redisPath,
    args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
    directory,
    env: {},
    logFile,
    hint: 'Set LOOP_REDIS to a redis-server or valkey-server of release 7 or later.',
  });
  const url = `redis://127.0.0.1:${String(port)}`;
  await redis.ready(() => command(url, ['PING']));
  return { process: redis, port, url };
}

/** One command on a connection of its own. */
export async function command(url: string, words: readonly string[]): Promise<void> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2000 } });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.sendCommand([...words]);
  } finally {
    client.destroy();
  }
}
