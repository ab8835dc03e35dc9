import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { BreakpointPlace } from '../../replay-sandbox/debug/place.ts';
import { parsePlace } from '../../replay-sandbox/debug/place.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { dataDirectory, withApi } from '../connection.ts';
import type { GlobalOptions } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { choice, count, seconds } from '../options.ts';
import { print } from '../output/format.ts';
import { reportLines } from '../output/replay-report.ts';
import { replayFile } from '../replay-file.ts';
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
  readonly pace: 'recorded' | 'fast';
  readonly quiet?: true;
}

const PORT = count(0, 65_535);

const EXAMPLES = `
Examples:
  loopctl replay 3f9k -- node server.js
  loopctl replay 3f9k --inspect -- node server.js          hold the request until a debugger is attached
  loopctl replay 3f9k --break allocate.js:14 -- node server.js    print the locals there
  loopctl replay 3f9k --pace recorded -- node server.js    streams with the gaps they had

The service needs a loop.yaml in this directory or above it (README, "Replay"), or --port.
Exit codes: 0 reproduced, 5 answered differently, 6 a call that mattered had no recorded answer, 1 error.`;

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('run a service of the loop in a sandbox and send it the recorded request')
    .argument('<id>', 'id, or the beginning of one, or a .loop file')
    .argument('[command...]', 'after --: how the service is started (default: command of loop.yaml)')
    .option('-o, --output <format>', 'text or json', choice(['text', 'json']), 'text')
    .option(
      '--inspect [port]',
      'forward the debugger port to this one (default 9229) and hold the request until a debugger is attached',
      PORT,
    )
    .option('--break <file:line>', 'stop there and print the locals; repeat', collectPlace, [])
    .option('--service <name>', 'another service of the transaction than the one it began at')
    .option('--port <port>', 'where the service listens, when there is no loop.yaml', PORT)
    .option('--no-ambient', 'without the recorded start-up traffic')
    .option('--ready-timeout <seconds>', 'how long it may take to start', seconds, 30)
    .option('--timeout <seconds>', 'how long the answer may take, without a debugger', seconds, 60)
    .option('--pace <pace>', 'frames of streams at their recorded gaps, or fast', choice(['recorded', 'fast']), 'fast')
    .option('--quiet', 'without what the service prints')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, command: readonly string[], options: ReplayCommandOptions, self: Command) => {
      const report = await runReplay(id, command, options, self);
      if (options.output === 'json') print(JSON.stringify(report, undefined, 2));
      else reportLines(report).forEach(print);
      process.exitCode = exitCode(report);
    });
}

function exitCode(report: ReplayReport): number {
  if (report.outcome === 'reproduced') return Exit.done;
  return report.missed.length > 0 ? Exit.missed : Exit.differs;
}

async function runReplay(
  id: string,
  command: readonly string[],
  options: ReplayCommandOptions,
  self: Command,
): Promise<ReplayReport> {
  // The originals, opened by whoever may: a file by this machine's key, a stored loop by the API, with an audit entry.
  const bytes = id.endsWith('.loop')
    ? await readLoopFile(id)
    : await withApi(self, async (api) => api.recording(await api.resolve(id), { open: true }));
  return replayFile({
    bytes,
    data: dataDirectory(self.optsWithGlobals<GlobalOptions>()),
    command,
    currentDirectory: process.cwd(),
    service: options.service,
    port: options.port,
    ambient: options.ambient,
    inspect: options.inspect === true ? 9229 : options.inspect,
    breakpoints: options.break,
    readyTimeoutMs: options.readyTimeout * 1000,
    answerTimeoutMs: options.timeout * 1000,
    pace: options.pace === 'recorded' ? 1 : 0,
    quiet: options.quiet === true,
  });
}

function collectPlace(text: string, former: readonly BreakpointPlace[]): readonly BreakpointPlace[] {
  const place = parsePlace(text);
  if (place === undefined) throw new InvalidArgumentError('for example allocate.js:14');
  return [...former, place];
}
