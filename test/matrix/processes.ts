/** Programs of a row: each in a process group of its own, ended with it, their last words kept. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const KEPT = 4000;

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds; then it is killed, and `ended` says so. */
  readonly within: number;
  /** What `stop` sends; by default it is killed. */
  readonly stopBy?: NodeJS.Signals;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** The last of it. */
  readonly stderr: string;
  readonly late: boolean;
}

export interface Program {
  readonly ended: Promise<Ended>;
  /** The last of what it said on either stream. */
  said(): string;
  stop(): Promise<void>;
}

export function start([program = '', ...words]: readonly string[], options: ProgramOptions): Program {
  const { cwd, env, within, stopBy = 'SIGKILL' } = options;
  const child = spawn(program, words, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr = (output.stderr + text).slice(-KEPT)));
  let late = false;
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It is gone.
    }
  };
  const timer = setTimeout(() => {
    late = true;
    end('SIGKILL');
  }, within);
  const ended = once(child, 'close')
    .then(([code]) => ({ code: code as number | null, ...output, late }))
    .catch((error: Error) => ({ code: null, stdout: '', stderr: error.message, late }))
    .finally(() => clearTimeout(timer));
  return {
    ended,
    said: () => `${output.stdout.slice(-KEPT)}${output.stderr}`,
    stop: async () => {
      end(stopBy);
      await ended;
    },
  };
}
