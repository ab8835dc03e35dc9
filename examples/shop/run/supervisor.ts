import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ManagedProcess } from './processes.ts';
import type { ProcessPlan } from './processes.ts';

const GUARD = fileURLToPath(new URL('guard.js', import.meta.url));

/** Starts processes and sees to it that none outlives this one, not even when this one is killed. */
export class Supervisor {
  readonly #guard: ChildProcess;

  constructor() {
    this.#guard = spawn(process.execPath, [GUARD], { stdio: ['pipe', 'ignore', 'inherit'], detached: true, env: {} });
    // It must not keep the event loop alive: its own end follows ours.
    this.#guard.unref();
    const pipe = this.#guard.stdin;
    if (pipe !== null && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  }

  async start(plan: ProcessPlan): Promise<ManagedProcess> {
    const started = await ManagedProcess.start(plan);
    this.#tell(`+${String(started.pid)}`);
    return started;
  }

  async stop(process: ManagedProcess): Promise<void> {
    await process.stop();
    this.#tell(`-${String(process.pid)}`);
  }

  /** The directory is removed when all is over. */
  removeAtEnd(directory: string): void {
    this.#tell(`rm ${directory}`);
  }

  /** Ends the guard; resolves when it has removed what there was to remove. */
  async close(): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    const exited = new Promise<void>((resolve) => this.#guard.once('exit', () => resolve()));
    this.#guard.ref();
    this.#guard.stdin?.end();
    await exited;
  }

  #tell(line: string): void {
    this.#guard.stdin?.write(`${line}\n`);
  }
}
