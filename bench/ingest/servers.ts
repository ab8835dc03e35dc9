/** The servers that are compared, each a process on the first core. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildC } from '../load/build.ts';
import { CORES } from '../load/generator.ts';
import type { Target } from '../load/generator.ts';
import type { SinkCounts } from './counts.ts';

export type ServerName = 'http2' | 'grpc-js' | 'node-http2' | 'nghttpd';

export interface Server {
  readonly name: ServerName;
  readonly pid: number;
  readonly target: Target;
  /** Undefined of one that only discards. */
  counts(): Promise<SinkCounts | undefined>;
  stop(): Promise<void>;
}

const SERVER = fileURLToPath(new URL('./server.ts', import.meta.url));
/** Of its windows, as many bits as libnghttp2 takes: nothing waits for an update. */
const WINDOW_BITS = '30';

/** loopd's ingest thread goes before others where it may; so do those it is compared with. */
const FIRST = process.getuid?.() === 0 ? ['nice', '-n', '-10'] : [];
const PINNED = CORES.generator === undefined ? [] : ['taskset', '-c', String(CORES.servers)];

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const [command = '', ...rest] = [...FIRST, ...PINNED, ...words];
  return spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
}

/** A sink of ours, by transport; its index has the room it has by default unless said otherwise. */
export async function startSink(
  name: Exclude<ServerName, 'nghttpd'>,
  folder: string,
  indexBytes?: number,
): Promise<Server> {
  const path = join(folder, `${name}.sock`);
  const child = start([
    process.execPath,
    SERVER,
    name,
    path,
    ...(indexBytes === undefined ? [] : [String(indexBytes)]),
  ]);
  const lines: AsyncIterator<string> = createInterface({ input: child.stdout ?? raise('no stdout') })[
    Symbol.asyncIterator
  ]();
  if ((await lines.next()).value !== 'ready') raise(`${name} did not start`);
  return {
    name,
    pid: child.pid ?? 0,
    target: { kind: 'unix', path },
    counts: async () => {
      child.stdin?.write('counts\n');
      return JSON.parse(String((await lines.next()).value)) as SinkCounts;
    },
    stop: () => {
      child.stdin?.end();
      return gone(child);
    },
  };
}

export function nghttpdVersion(): string | undefined {
  try {
    return execFileSync('nghttpd', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** What a server in C on libnghttp2 takes to read the same and do nothing with it. It has no unix sockets: TCP on loopback is level with them. */
export async function startNghttpd(): Promise<Server> {
  const shim = buildC(new URL('../load/nghttpd-resets.c', import.meta.url), ['-shared', '-fPIC', '-ldl']);
  const port = await freePort();
  const options = ['--no-tls', '--address=127.0.0.1', '-m', '1000000', '-w', WINDOW_BITS, '-W', WINDOW_BITS];
  const child = start(['nghttpd', ...options, String(port)], { LD_PRELOAD: shim });
  child.stdout?.resume();
  await answers(port);
  return {
    name: 'nghttpd',
    pid: child.pid ?? 0,
    target: { kind: 'tcp', port },
    counts: () => Promise.resolve(undefined),
    stop: () => {
      child.kill('SIGKILL');
      return gone(child);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = createConnection(port, '127.0.0.1');
    const connected = await new Promise((resolve) =>
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
    );
    socket.destroy();
    if (connected === true) return;
    await delay(20);
  }
  raise('nghttpd does not listen');
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function raise(message: string): never {
  throw new Error(message);
}
