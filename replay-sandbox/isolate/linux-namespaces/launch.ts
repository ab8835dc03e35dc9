import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { IsolationError } from '../isolation-error.ts';
import type { Dial, LaunchOptions, LaunchedProcess } from '../isolation.ts';
import { type HelperReport, parseReport } from './helper-report.ts';
import { REPORT_FD } from './holder.ts';
import { eachLine } from './lines.ts';

export interface LaunchPlace {
  readonly helper: string;
  /** The first process of the sandbox. */
  readonly holder: number;
  readonly hideUnixSockets: boolean;
  onDial(dial: Dial): void;
}

/** Signals that end a program go to its whole group, as from a terminal: a shell in between would keep them to itself. */
const ENDING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL'];

type Exit = Awaited<LaunchedProcess['exited']>;

/** Runs a command in the sandbox. Resolves when it is executed; throws `command-failed`. */
export async function launch(
  place: LaunchPlace,
  command: readonly string[],
  { cwd, env, onOutput }: LaunchOptions,
): Promise<LaunchedProcess> {
  const child = spawn(
    place.helper,
    ['run', String(place.holder), place.hideUnixSockets ? 'hide' : 'show', cwd, '--', ...command],
    { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], env: {} },
  );
  child.stdin.on('error', () => {});
  child.stdin.end(Object.entries(env).map(([name, value]) => `${name}=${value}\0`).join(''));
  child.stdout.on('data', (chunk: Buffer) => onOutput('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => onOutput('stderr', chunk));

  // Killed with the sandbox, unless it says otherwise.
  let exit: Exit = { code: null, signal: 'SIGKILL' };
  let hasExited = false;
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', () => resolve(exit));
    child.once('error', () => resolve(exit));
  });
  const pid = await new Promise<number>((resolve, reject) => {
    eachLine(child.stdio[REPORT_FD] as Readable, (line) => {
      const report = parseReport(line);
      if (report?.kind === 'started') resolve(report.pid);
      if (report?.kind === 'error') reject(commandFailure(command, cwd, report));
      if (report?.kind === 'dial') place.onDial(asDial(report));
      if (report?.kind !== 'exited') return;
      hasExited = true;
      exit = asExit(report);
    });
    void exited.then(() => reject(commandFailure(command, cwd, undefined)));
  });
  return {
    pid,
    exited,
    kill: (signal) => {
      if (!hasExited) sendSignal(ENDING.includes(signal) ? -pid : pid, signal);
    },
  };
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // It ended in this very moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function asDial({ protocol, address, port, at }: Extract<HelperReport, { kind: 'dial' }>): Dial {
  return protocol === 'unix' ? { kind: protocol, address, at } : { kind: protocol, address, port, at };
}

function asExit({ code, signal }: Extract<HelperReport, { kind: 'exited' }>): Exit {
  if (signal === 0) return { code, signal: null };
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { code: null, signal: name ?? `signal ${signal}` };
}

function commandFailure(
  command: readonly string[],
  cwd: string,
  report: { readonly code: string; readonly errno: string; readonly detail: string } | undefined,
): IsolationError {
  const program = command[0] ?? '';
  if (report?.code !== 'exec') {
    const facts = report === undefined ? 'the sandbox ended' : [report.code, report.detail, report.errno].join(' ').trim();
    return new IsolationError('command-failed', `Cannot start ${program} in the sandbox (${facts}).`);
  }
  const hint =
    report.errno === 'ENOENT'
      ? `Check that ${program} is on the PATH that the service gets, and that ${cwd} exists.`
      : `Check the rights on ${program} and on ${cwd}.`;
  return new IsolationError('command-failed', `Cannot execute ${program} in ${cwd} (${report.errno}).`, hint);
}
