/** A command with all it starts, as one group that ends together. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { IsolationError } from './isolation-error.ts';
import type { LaunchOptions, LaunchedProcess } from './isolation.ts';

/** What a program has said before its end is read within this time, ms. Whoever left its group may hold its output open for longer. */
const LAST_WORDS_MS = 200;

/** Throws `command-failed`. */
export async function spawnGroup(
  command: readonly string[],
  { cwd, env, onOutput }: LaunchOptions,
): Promise<LaunchedProcess> {
  const [program = '', ...words] = command;
  // Windows has no process groups of this kind.
  const grouped = process.platform !== 'win32';
  const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: grouped });
  child.stdout.on('data', (chunk: Buffer) => onOutput('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => onOutput('stderr', chunk));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new IsolationError('command-failed', `Cannot execute ${program} in ${cwd}.`, 'Is it on the PATH?', { cause });
  });
  const pid = child.pid ?? 0;
  const kill = (signal: NodeJS.Signals): void => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (grouped) process.kill(-pid, signal);
    else child.kill(signal);
  };
  child.once('exit', () => {
    endGroup(grouped, pid);
    const leave = (): void => {
      child.stdout.destroy();
      child.stderr.destroy();
    };
    // Behind one more read, in case this process was too busy to read in time.
    const deadline = setTimeout(() => setImmediate(leave), LAST_WORDS_MS);
    child.once('close', () => clearTimeout(deadline));
  });
  return { pid, exited, kill };
}

/** What it left running in its group. */
function endGroup(grouped: boolean, pid: number): void {
  if (!grouped) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
