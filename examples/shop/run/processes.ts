import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { ShopError } from './error.ts';
import { eventually } from './wait.ts';

const START_MS = 30_000;
const STOP_MS = 8000;

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** stdout and stderr go here. */
  readonly logFile: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly stopSignal?: NodeJS.Signals;
  /** What to do when the command cannot be started. */
  readonly hint?: string;
}

/** A child process with a name, a log file and an orderly end. */
export class ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #plan: ProcessPlan;
  readonly #exited: Promise<void>;

  private constructor(plan: ProcessPlan, child: ChildProcess, pid: number) {
    this.name = plan.name;
    this.pid = pid;
    this.#plan = plan;
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  /** Starts the process in a group of its own, so that a Ctrl-C in the terminal leaves the order of stopping to us. */
  static async start(plan: ProcessPlan): Promise<ManagedProcess> {
    const log = openSync(plan.logFile, 'a');
    const { command, args, directory: cwd, env, user } = plan;
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', log, log], detached: true, ...user });
    closeSync(log);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => {
        reject(new ShopError(`${plan.name}: ${command} does not start: ${cause.message}`, plan.hint, { cause }));
      });
    });
    return new ManagedProcess(plan, child, child.pid ?? 0);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the probe succeeds. Throws ShopError with the end of the log when the process is gone, or is not ready in time. */
  async ready<T>(probe: () => Promise<T>): Promise<T> {
    const gone = this.#exited.then(() => {
      throw new ShopError(
        `${this.name} ended before it was ready: ${this.#lastWords()}`,
        `Its log is ${this.#plan.logFile}.`,
      );
    });
    return Promise.race([eventually(`${this.name} is not ready`, START_MS, probe), gone]);
  }

  /** Asks it to stop, waits, and kills it when it does not. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.#child.kill(this.#plan.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #lastWords(): string {
    return readFileSync(this.#plan.logFile, 'utf8').trim().split('\n').slice(-5).join(' | ');
  }
}
