/** loopd as a process of its own, to be stopped, killed and measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../src/api/client/client.ts';
import type { LoopApi } from '../../src/api/port.ts';

const MAIN = fileURLToPath(new URL('../../src/daemon/main.ts', import.meta.url));

export interface ChildLoopd {
  readonly pid: number;
  readonly api: LoopApi;
  /** Prometheus samples by name and labels: `loop_recorder_segments{fate="kept"}`. */
  metrics(): Promise<Readonly<Record<string, number>>>;
  signal(name: NodeJS.Signals): void;
  /** By SIGTERM unless it is gone already; resolves when it is. */
  stop(): Promise<void>;
}

/** How it is started: arguments behind its own, variables on top of ours. */
export interface Start {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves when it records. Its sink is `sink.sock` in `data`; `more` is further configuration in YAML. */
export async function startChildLoopd(
  data: string,
  more = '',
  loopsPerHour = 100_000,
  { args = [], env = {} }: Start = {},
): Promise<ChildLoopd> {
  const config = join(data, 'loopd.yaml');
  writeFileSync(config, `sink: {port: 0}\napi: {port: 0}\nloopsPerHour: ${loopsPerHour}\n${more}`);
  const child = spawn(process.execPath, [MAIN, '--data', data, '--config', config, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const recording = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('"msg":"recording"')) resolve();
    });
  });
  const ended = exited.then(([code]) => {
    throw new Error(`loopd ended with code ${String(code)}`);
  });
  await Promise.race([recording, ended]);
  ended.catch(() => undefined);
  const url = readFileSync(join(data, 'api'), 'utf8').trim();
  const token = readFileSync(join(data, 'token'), 'utf8').trim();
  return {
    pid: child.pid ?? 0,
    api: createClient({ url, token }),
    metrics: async () => {
      const text = await (
        await fetch(new URL('/metrics', url), { headers: { authorization: `Bearer ${token}` } })
      ).text();
      return Object.fromEntries(
        text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [sample(line)])),
      );
    },
    signal: (name) => void child.kill(name),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}

function sample(line: string): [string, number] {
  const space = line.lastIndexOf(' ');
  return [line.slice(0, space), Number(line.slice(space + 1))];
}
