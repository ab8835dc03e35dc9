/** The C programs on both sides of a sidecar (http-load.c, http-upstream.c): HTTP/1.1 at a fixed rate, and who answers it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildC } from './build.ts';

/** What makes the load and the answers shall not wait for what is measured: above it in priority, where the system allows (root). */
const NICE = '-10';

export interface Upstream {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startUpstream(core: number): Promise<Upstream> {
  const program = buildC(new URL('./http-upstream.c', import.meta.url));
  const child = spawn(program, ['--core', String(core), '--nice', NICE], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    port: Number(line),
    pid: child.pid ?? 0,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/** What is sent. Sizes in bytes. */
export interface Load {
  readonly port: number;
  readonly core: number;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Sent before, at the same rate, and not counted. */
  readonly warmup: number;
  readonly body: number;
  readonly answer: number;
  readonly connections: number;
  /** Of trace ids: no two runs that one sink sees have the same. */
  readonly seed: number;
  /** One in so many is answered with 500; none by default. */
  readonly failEvery?: number;
  /** One in so many is answered with `bigAnswer` bytes. */
  readonly bigEvery?: number;
  readonly bigAnswer?: number;
}

/** ms. */
interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LoadReport {
  /** That were measured, and before. */
  readonly requests: number;
  readonly warmup: number;
  readonly answered: number;
  /** The sum of the next four; those of the warm-up are in it. */
  readonly errors: number;
  readonly wrong: number;
  readonly closed: number;
  readonly unanswered: number;
  readonly connectErrors: number;
  /** Connections that were closed while nothing was asked on them. */
  readonly reconnects: number;
  readonly overOneSecond: number;
  readonly overTenth: number;
  /** Of the generator. */
  readonly cpuSeconds: number;
  /** From when a request was due to the last byte of its answer. */
  readonly latencyMs: Quantiles;
  /** How late the generator itself was: a part of the latency that is nobody else's. */
  readonly noticedMs: Quantiles;
  /** The same and the wait for a free connection. */
  readonly waitedMs: Quantiles;
  /** By the second in which a request was due. */
  readonly longestMsOfSecond: readonly number[];
  readonly errorsOfSecond: readonly number[];
}

/** `started` is called when the measured part begins. Rejects when the generator cannot do its work. */
export async function sendHttp(load: Load, started?: () => void): Promise<LoadReport> {
  const program = buildC(new URL('./http-load.c', import.meta.url));
  const child = spawn(program, argumentsOf(load), { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    if (line === 'started') started?.();
  });
  const closed = once(reader, 'close');
  const [code] = (await exited) as [number | null];
  await closed;
  if (code !== 0) throw new Error(`http-load ended with ${String(code)}`);
  return JSON.parse(lines.at(-1) ?? '') as LoadReport;
}

function argumentsOf(load: Load): readonly string[] {
  const { failEvery = 0, bigEvery = 0, bigAnswer = 0, ...same } = load;
  const all = { ...same, nice: NICE, 'fail-every': failEvery, 'big-every': bigEvery, 'big-answer': bigAnswer };
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
