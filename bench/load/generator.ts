/** h2-calls.c, compiled and run. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildC } from './build.ts';
import { scriptOf } from './script.ts';
import type { Shape } from './script.ts';

const run = promisify(execFile);

export type Target = { readonly kind: 'unix'; readonly path: string } | { readonly kind: 'tcp'; readonly port: number };

export interface Load {
  readonly shape: Shape;
  readonly answerBytes?: number;
  /** Calls a second, begun when they are due. Undefined: as many as the server takes. */
  readonly rate: number | undefined;
  readonly connections: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** What Envoy's deferred_close_timeout does: a call ends so long after its last message. */
  readonly lingerMs?: number;
  /** Of each connection, when there is no rate. */
  readonly openCalls?: number;
  readonly seed: number;
}

/** Of the measured seconds, but for what is said to be of all. */
export interface LoadReport {
  readonly calls: number;
  readonly seconds: number;
  readonly rate: number;
  readonly megabytesPerSecond: number;
  /** Of the process that was watched: all threads, user and system. */
  readonly cpuSeconds: number;
  readonly ownCpuSeconds: number;
  /** Phases written more than 10 ms after they were due, and the worst. */
  readonly late: number;
  readonly latestMs: number;
  readonly sentInAll: number;
  readonly bytesInAll: number;
  /** Every connection lived, and the server had read it to its end. */
  readonly drained: boolean;
  readonly answered: Readonly<Record<string, number>>;
}

/** The generator has the last core; servers have the first. With one core nothing is pinned. */
export const CORES = { servers: 0, generator: availableParallelism() > 1 ? availableParallelism() - 1 : undefined };

export class Generator {
  readonly #folder: string;
  readonly #program: string;
  #scripts = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#program = buildC(new URL('./h2-calls.c', import.meta.url));
  }

  async send(target: Target, pid: number, load: Load): Promise<LoadReport> {
    const script = join(this.#folder, `script-${this.#scripts++ % 8}`);
    writeFileSync(script, scriptOf(load.shape, load.answerBytes).bytes);
    const options: Readonly<Record<string, string | number | undefined>> = {
      script,
      ...(target.kind === 'unix' ? { unix: target.path } : { port: target.port }),
      rate: load.rate,
      connections: load.connections,
      warm: load.warmSeconds,
      seconds: load.seconds,
      linger: load.lingerMs,
      open: load.openCalls,
      seed: load.seed,
      watch: pid,
      core: CORES.generator,
    };
    const words = Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    );
    const { stdout } = await run(this.#program, words);
    return JSON.parse(stdout) as LoadReport;
  }
}
