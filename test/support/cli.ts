/** loopctl and loopd as processes of their own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
export const LOOPCTL = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
export const LOOPD = fileURLToPath(new URL('../../src/daemon/main.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Over the tests' own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Data directory of Loop. */
  readonly data?: string;
  /** What is run, with its own arguments, in front of Node: another namespace, a shell. */
  readonly under?: readonly string[];
}

export interface Program {
  readonly child: ChildProcess;
  /** Resolves once its output holds the text or matches; rejects when it ends before. */
  said(stream: 'stdout' | 'stderr', text: string | RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Nothing of the machine's own installation, nor of the terminal the tests run in. */
const CLEARED = {
  LOOP_DATA: undefined,
  LOOP_URL: undefined,
  LOOP_TOKEN: undefined,
  LOOP_CONTEXT: undefined,
  LOOP_DEBUG: undefined,
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
  NODE_OPTIONS: undefined,
};

/** Starts a Node script; it is killed when the test is over. */
export function start(script: string, words: readonly string[], options: RunOptions = {}): Program {
  const [program, ...before] = [...(options.under ?? []), process.execPath, '--disable-warning=ExperimentalWarning'];
  const child = spawn(program, [...before, script, ...words], {
    cwd: options.cwd,
    env: { ...process.env, ...CLEARED, ...(options.data !== undefined && { LOOP_DATA: options.data }), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = (name: 'stdout' | 'stderr', text: string | RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = typeof text === 'string' ? output[name].includes(text) : text.test(output[name]);
        if (found) resolve(output[name]);
      };
      waiting.add(look);
      look();
      void ended.then(
        (end) => reject(new Error(`it ended without saying ${String(text)}: ${JSON.stringify(end)}`)),
        reject,
      );
    });
  return { child, said, ended };
}

/** loopctl, to its end. */
export function loopctl(words: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(LOOPCTL, words, options).ended;
}

/** loopd, once it records. Ports are the system's choice unless the configuration says otherwise. */
export async function startLoopd(
  options: RunOptions & { readonly config?: string } = {},
): Promise<Program & Addresses> {
  const program = start(LOOPD, options.config === undefined ? [] : ['--config', options.config], options);
  const lines = await program.said('stdout', /"recording".*\n/);
  const line = lines.split('\n').find((text) => text.includes('"recording"')) ?? '';
  const { sinks, api } = JSON.parse(line) as { readonly sinks: Addresses['sinks']; readonly api: string };
  return { ...program, sinks, api };
}

export interface Addresses {
  readonly sinks: readonly {
    readonly kind: 'tcp' | 'unix';
    readonly host: string;
    readonly port: number;
    readonly path: string;
  }[];
  readonly api: string;
}
