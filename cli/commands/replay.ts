import type { Command } from 'commander';
import type { DebugWish } from '../../replay-sandbox/debug/session.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { dataDirectory, withApi } from '../connection.ts';
import type { GlobalOptions } from '../connection.ts';
import { editOf } from '../edits-flag.ts';
import { Exit } from '../exit-codes.ts';
import { choice } from '../options.ts';
import { print } from '../output/format.ts';
import { replayLine, reportLines } from '../output/replay-report.ts';
import type { ReplayFileOptions } from '../replay-file.ts';
import { replayFile, replayOf } from '../replay-file.ts';
import type { DebugFlags, ReplayFlags } from '../replay-flags.ts';
import { addDebugFlags, addReplayFlags } from '../replay-flags.ts';
import { watchProject } from '../watch.ts';
import { readLoopFile } from './import.ts';

interface ReplayCommandOptions extends ReplayFlags, DebugFlags {
  readonly output: 'text' | 'json';
  readonly edits?: string;
  readonly watch?: true;
  readonly twin?: true;
}

const EXAMPLES = `
Examples:
  loopctl replay 3f9k -- node server.js
  loopctl replay 3f9k --inspect -- node server.js          hold the request until a debugger is attached
  loopctl replay 3f9k --break allocate.js:14 -- node server.js    print the locals there
  loopctl replay 3f9k --service orders --service pricing="node pricing.js" --break pricing.js:9    both run
  loopctl replay 3f9k --pace recorded -- node server.js    streams with the gaps they had
  loopctl replay 3f9k --watch -- node server.js            again at every save

The service needs a loop.yaml in this directory or above it (README, "Replay"), or --port.
Exit codes: 0 reproduced, 5 answered differently, 6 a call that mattered had no recorded answer, 1 error.`;

export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('run a service of the loop in a sandbox and send it the recorded request')
    .argument('<id>', 'id, or the beginning of one, or a .loop file')
    .argument('[command...]', 'after --: how the service is started (default: command of loop.yaml)')
    .option(
      '--edits <file>',
      'changed answers of the service that takes the request, as loopctl edit --save writes them',
    )
    .option('--watch', 'again at every save of a file in the project, a line each')
    .option('--twin', 'run it twice, and take what differs between the two runs for noise')
    .option('-o, --output <format>', 'text or json', choice(['text', 'json']), 'text');
  addReplayFlags(addDebugFlags(command))
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, words: readonly string[], options: ReplayCommandOptions, self: Command) => {
      const file = await replayFileOf(id, words, options, self);
      if (options.watch === true) return watchProject(await replayOf(file), (report) => told(report, options));
      const report = await replayFile(file);
      if (options.output === 'json') print(JSON.stringify(report, undefined, 2));
      else reportLines(report).forEach(print);
      process.exitCode = exitCode(report);
    });
}

function exitCode(report: ReplayReport): number {
  if (report.outcome === 'reproduced') return Exit.done;
  return report.missed.length > 0 ? Exit.missed : Exit.differs;
}

/** One line for each run; where it stopped at a breakpoint, everything. */
function told(report: ReplayReport, { output }: ReplayCommandOptions): string {
  if (output === 'json') print(JSON.stringify(report));
  else if (report.debugger.hits > 0) reportLines(report).forEach(print);
  return replayLine(report);
}

async function replayFileOf(
  id: string,
  command: readonly string[],
  options: ReplayCommandOptions,
  self: Command,
): Promise<ReplayFileOptions> {
  return {
    bytes: await openedRecording(id, self),
    data: dataDirectory(self.optsWithGlobals<GlobalOptions>()),
    command,
    currentDirectory: process.cwd(),
    flags: options,
    debug: debugWish(options),
    inspectService: options.inspectService,
    twin: options.twin,
    whatIf: await editOf(options.edits),
  };
}

/** The originals, opened by whoever may: a file by this machine's key, a stored loop by the API, with an audit entry. */
export async function openedRecording(id: string, self: Command): Promise<Uint8Array> {
  return id.endsWith('.loop')
    ? readLoopFile(id)
    : withApi(self, async (api) => api.recording(await api.resolve(id), { open: true }));
}

function debugWish(options: DebugFlags): DebugWish {
  return {
    inspect:
      options.inspect === true
        ? 'usual'
        : (options.inspect ?? (options.inspectService === undefined ? undefined : 'usual')),
    breakpoints: options.break,
    onThrow: options.breakOn === 'throw',
    runtime: options.debugger,
  };
}
