import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { envoyPath } from './envoy.ts';

/** Envoy says so when its listeners take connections. */
const READY = 'starting workers';

export interface RunningEnvoy {
  readonly pid: number;
  /** `http://127.0.0.1:<port>` of a listener by its name. */
  listener(name: string): Promise<string>;
  /** Counters and gauges whose name matches. */
  stats(filter: string): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

/** Starts an Envoy whose admin and listeners bind port 0. It dies with the thread that starts it, so call this on a test's main thread. */
export async function startEnvoy(yaml: string, workers = 1): Promise<RunningEnvoy> {
  const folder = await mkdtemp(join(tmpdir(), 'loop-envoy-'));
  await writeFile(join(folder, 'envoy.yaml'), yaml);
  const adminFile = join(folder, 'admin');
  const process = spawn(
    envoyPath(),
    [
      '-c',
      join(folder, 'envoy.yaml'),
      '--admin-address-path',
      adminFile,
      '--concurrency',
      String(workers),
      '--use-dynamic-base-id',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const stop = async (): Promise<void> => {
    if (process.exitCode === null && process.signalCode === null) {
      process.kill('SIGKILL');
      await once(process, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await whenReady(process);
  } catch (error) {
    await stop();
    throw error;
  }
  const admin = `http://${(await readFile(adminFile, 'utf8')).trim()}`;
  return {
    pid: process.pid ?? 0,
    listener: async (name) => {
      const answer = (await (await fetch(`${admin}/listeners?format=json`)).json()) as Listeners;
      const address = answer.listener_statuses.find((status) => status.name === name)?.local_address.socket_address;
      if (address === undefined) throw new Error(`Envoy has no listener ${name}.`);
      return `http://${address.address}:${address.port_value}`;
    },
    stats: async (filter) => {
      const answer = (await (
        await fetch(`${admin}/stats?format=json&filter=${encodeURIComponent(filter)}`)
      ).json()) as Stats;
      return Object.fromEntries(
        answer.stats.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value ?? 0]])),
      );
    },
    stop,
  };
}

interface Listeners {
  readonly listener_statuses: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address?: { readonly address: string; readonly port_value: number } };
  }[];
}

interface Stats {
  readonly stats: readonly { readonly name?: string; readonly value?: number }[];
}

/** Rejects with Envoy's own last words when it gives up. Reads its log to the end, so that it never waits for a reader. */
async function whenReady(process: ChildProcess): Promise<void> {
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    if (process.stderr === null) return reject(new Error('Envoy has no stderr.'));
    createInterface({ input: process.stderr }).on('line', (line) => {
      if (said.push(line) > 20) said.shift();
      if (line.includes(READY)) resolve();
    });
    process.once('error', reject);
    process.once('exit', (code) => reject(new Error(`Envoy ended with code ${code}:\n${said.join('\n')}`)));
  });
}
