import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { IsolationError } from '../isolation-error.ts';
import type { Dial, LaunchOptions, LaunchedProcess } from '../isolation.ts';
import { type HelperReport, parseReport } from './helper-report.ts';
import { REPORT_FD } from './holder.ts';
import { limitSentence } from './limits.ts';
import { eachLine } from './lines.ts';

export interface LaunchPlace {
  readonly helper: string;
  /** The first process of the sandbox. */
  readonly holder: number;
  readonly hideUnixSockets: boolean;
  readonly onDial: (dial: Dial) => void;
}

/** Signals that end a program go to its whole group, as from a terminal: a shell in between would keep them to itself. */
const ENDING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL'];

type Failure = Extract<HelperReport, { kind: 'limit' | 'error' }>;
type Exit = Awaited<LaunchedProcess['exited']>;

/** Runs a command in the sandbox. Resolves when it is executed; throws `command-failed`. */
export async function launch(
  place: LaunchPlace,
  command: readonly string[],
  { cwd, env, onOutput }: LaunchOptions,
): Promise<LaunchedProcess> {
  const sockets = place.hideUnixSockets ? 'hide' : 'show';
  const child = spawn(place.helper, ['run', String(place.holder), sockets, cwd, '--', ...command], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: {},
  });
  // The helper may have given up before it read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(environmentBlock(env));
  child.stdout.on('data', (chunk: Buffer) => onOutput('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => onOutput('stderr', chunk));
  return await follow(child, place, (report) => commandFailure(command, cwd, report));
}

/** From the helper's reports to a process. */
async function follow(
  child: ChildProcess,
  { onDial }: LaunchPlace,
  failure: (report?: Failure) => IsolationError,
): Promise<LaunchedProcess> {
  let exit: Exit | undefined;
  const limits: string[] = [];
  const exited = new Promise<Exit>((resolve) => {
    // Without a report it was killed with the sandbox.
    const end = (): void => resolve(exit ?? { code: null, signal: 'SIGKILL' });
    child.once('close', end);
    child.once('error', end);
  });
  const pid = await new Promise<number>((resolve, reject) => {
    eachLine(child.stdio[REPORT_FD] as Readable, (line) => {
      const report = parseReport(line);
      if (report?.kind === 'started') resolve(report.pid);
      if (report?.kind === 'limit' && report.code === 'clock') limits.push(limitSentence(report, '') ?? '');
      if (report?.kind === 'error') reject(failure(report));
      if (report?.kind === 'dial') onDial(asDial(report));
      if (report?.kind === 'exited') exit = asExit(report);
    });
    void exited.then(() => reject(failure()));
  });
  return {
    pid,
    limits,
    exited,
    kill: (signal) => {
      if (exit === undefined) sendSignal(ENDING.includes(signal) ? -pid : pid, signal);
    },
  };
}

/** NAME=value, each ended by a zero byte, as in /proc/<pid>/environ. */
function environmentBlock(env: Readonly<Record<string, string>>): string {
  const entries = Object.entries(env).map(([name, value]) => `${name}=${value}\0`);
  return entries.join('');
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

function commandFailure(command: readonly string[], cwd: string, report?: Failure): IsolationError {
  const program = command[0] ?? '';
  if (report?.code !== 'exec') {
    const facts =
      report === undefined ? 'the sandbox ended' : [report.code, report.detail, report.errno].join(' ').trim();
    return new IsolationError('command-failed', `Cannot start ${program} in the sandbox (${facts}).`);
  }
  const hint =
    report.errno === 'ENOENT'
      ? `Check that ${program} is on the PATH that the service gets, and that ${cwd} exists.`
      : `Check the rights on ${program} and on ${cwd}.`;
  return new IsolationError('command-failed', `Cannot execute ${program} in ${cwd} (${report.errno}).`, hint);
}
