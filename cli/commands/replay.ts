import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { decodeLoopFile } from '../../storage/format/decode.ts';
import type { LoopFile } from '../../src/domain/loop-file.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import { loadOrCreateStoreKey } from '../../src/seal/keyfile.ts';
import type { BreakpointPlace } from '../../replay-sandbox/debug/breakpoints.ts';
import { parsePlace } from '../../replay-sandbox/debug/breakpoints.ts';
import { linuxNamespaces } from '../../replay-sandbox/isolate/linux-namespaces/backend.ts';
import { openRecording } from '../../replay-sandbox/open.ts';
import { findProject } from '../../replay-sandbox/plan/project.ts';
import { settingsFor } from '../../replay-sandbox/plan/settings.ts';
import { replay } from '../../replay-sandbox/replay.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { dataDirectory, withApi } from '../connection.ts';
import type { GlobalOptions } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { note, print, printable } from '../output/format.ts';
import { printReport } from '../output/replay-report.ts';
import { readLoopFile } from './import.ts';

interface ReplayCommandOptions {
  readonly output: 'text' | 'json';
  readonly inspect?: number | true;
  readonly break: readonly BreakpointPlace[];
  readonly service?: string;
  readonly port?: number;
  readonly ambient: boolean;
  readonly readyTimeout: number;
  readonly timeout: number;
  readonly quiet?: true;
}

const EXAMPLES = `
Examples:
  loopctl replay 3f9k -- node server.js
  loopctl replay 3f9k --inspect -- node server.js          hold the request until a debugger is attached
  loopctl replay 3f9k --break allocate.js:14 -- node server.js    print the locals there

The service needs a loop.yaml in this directory or above it (README, "Replay"), or --port.
Exit codes: 0 reproduced, 5 answered differently, 6 a call that mattered had no recorded answer, 1 error.`;

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('run a service of the loop in a sandbox and send it the recorded request')
    .argument('<id>', 'id, or the beginning of one, or a .loop file')
    .argument('[command...]', 'after --: how the service is started (default: command of loop.yaml)')
    .option('-o, --output <format>', 'text or json', parseOutput, 'text')
    .option('--inspect [port]', 'forward the debugger port to this one (default 9229) and hold the request until a debugger is attached', parsePort)
    .option('--break <file:line>', 'stop there and print the locals; repeat', collectPlace, [])
    .option('--service <name>', 'another service of the transaction than the one it began at')
    .option('--port <port>', 'where the service listens, when there is no loop.yaml', parsePort)
    .option('--no-ambient', 'without the recorded start-up traffic')
    .option('--ready-timeout <seconds>', 'how long it may take to start', parseSeconds, 30)
    .option('--timeout <seconds>', 'how long the answer may take, without a debugger', parseSeconds, 60)
    .option('--quiet', 'without what the service prints')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, command: readonly string[], options: ReplayCommandOptions, self: Command) => {
      const report = await runReplay(id, command, options, self);
      if (options.output === 'json') print(JSON.stringify(report, undefined, 2));
      else printReport(report);
      process.exitCode = exitCode(report);
    });
}

export function exitCode(report: ReplayReport): number {
  if (report.outcome === 'reproduced') return Exit.done;
  return report.missed.length > 0 ? Exit.missed : Exit.differs;
}

async function runReplay(id: string, command: readonly string[], options: ReplayCommandOptions, self: Command): Promise<ReplayReport> {
  const file = await readRecording(id, self);
  const key = file.seal.kind === 'open' ? undefined : await loadOrCreateStoreKey(resolve(dataDirectory(self.optsWithGlobals<GlobalOptions>()), 'key'));
  const recording = openRecording(file, key);
  const project = findProject(process.cwd());
  for (const hole of file.summary.holes) note(`the recording is not whole: ${printable(hole)}`);
  return replay({
    loop: file.summary.id,
    recording: options.ambient ? recording : { ...recording, ambient: [] },
    ...(options.service !== undefined && { service: options.service }),
    settingsOf: (service) => settingsFor({ service, project, currentDirectory: process.cwd(), port: options.port, command }),
    backend: linuxNamespaces(),
    homeDirectory: homedir(),
    inheritedEnvironment: process.env,
    ...(options.inspect !== undefined && { inspect: options.inspect === true ? 9229 : options.inspect }),
    breakpoints: options.break,
    readyTimeoutMs: options.readyTimeout * 1000,
    answerTimeoutMs: options.timeout * 1000,
    clock: systemClock(),
    events: {
      progress: (text) => note(`loop: ${printable(text)}`),
      output: (stream, text) => {
        if (options.quiet !== true) process.stderr.write(text.replace(/^(?=.)/gm, stream === 'stdout' ? '  | ' : '  ! '));
      },
      debuggerWaits: (port) => note(attachHelp(port)),
    },
  });
}

/** The originals, opened by whoever may: this process's key, or the server with an audit entry. */
async function readRecording(id: string, self: Command): Promise<LoopFile> {
  const bytes = id.endsWith('.loop') ? await readLoopFile(id) : await withApi(self, async (api) => api.recording(await api.resolve(id), { open: true }));
  return decodeLoopFile(bytes);
}

function attachHelp(port: number): string {
  const configuration = { type: 'node', request: 'attach', name: 'loop replay', port, continueOnAttach: true, skipFiles: ['<node_internals>/**'] };
  return [
    `loop: the service waits for a debugger on 127.0.0.1:${port}; the request follows once it runs.`,
    `loop: VS Code, launch.json: ${JSON.stringify(configuration)}`,
    `loop: Chrome: chrome://inspect; terminal: node inspect 127.0.0.1:${port}`,
  ].join('\n');
}

function parseOutput(text: string): 'text' | 'json' {
  if (text === 'text' || text === 'json') return text;
  throw new InvalidArgumentError('text or json');
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port from 0 to 65535');
  return port;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError('seconds, more than 0');
  return seconds;
}

function collectPlace(text: string, former: readonly BreakpointPlace[]): readonly BreakpointPlace[] {
  const place = parsePlace(text);
  if (place === undefined) throw new InvalidArgumentError('for example allocate.js:14');
  return [...former, place];
}
