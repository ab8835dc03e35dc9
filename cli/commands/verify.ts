import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ReplayError } from '../../replay-sandbox/error.ts';
import type { ReplayOptions } from '../../replay-sandbox/options.ts';
import type { Judge } from '../../replay-sandbox/verify/exemplars.ts';
import type { Expectation } from '../../replay-sandbox/verify/expectation.ts';
import { readExpectation } from '../../replay-sandbox/verify/expectation.ts';
import { neighbourhoodOf } from '../../replay-sandbox/verify/neighbourhood.ts';
import type { VerifyReport } from '../../replay-sandbox/verify/report.ts';
import { verify } from '../../replay-sandbox/verify/run.ts';
import { withStrictErrors } from '../../replay-sandbox/verify/strict.ts';
import { judgeBy } from '../../src/keeping/judge.ts';
import { readRules } from '../../src/verdict/rules-file/read.ts';
import { BUILT_IN, compileRules } from '../../src/verdict/rules/set.ts';
import type { GlobalOptions } from '../connection.ts';
import { dataDirectory } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { choice, seconds } from '../options.ts';
import { print } from '../output/format.ts';
import { verifyLine, verifyLines } from '../output/verify-report.ts';
import { editOf } from '../edits-flag.ts';
import { openReplay } from '../replay-file.ts';
import type { ReplayFlags } from '../replay-flags.ts';
import { addReplayFlags } from '../replay-flags.ts';
import { watchProject } from '../watch.ts';
import { openedRecording } from './replay.ts';

interface VerifyOptions extends ReplayFlags {
  readonly output: 'text' | 'json';
  readonly expect?: string;
  readonly rules?: string;
  readonly neighbourhood?: true;
  readonly slow: number;
  readonly strict?: true;
  readonly watch?: true;
  readonly edits?: string;
}

const EXAMPLES = `
Examples:
  loopctl verify 3f9k -- node server.js                     the good answers of the route say what is right
  loopctl verify 3f9k --expect '{"status":200,"body":{"totalCents":1200}}' -- node server.js
  loopctl verify 3f9k --expect @expect.json -- node server.js
  loopctl verify 3f9k --neighbourhood -- node server.js     also with each dependency slow, failing, and the request sent twice
  loopctl verify 3f9k --watch -- node server.js             again at every save

--expect takes status (200, "2xx"), headers, body (a part of it is enough), paths ({"$.lines[0].sku": "A-1"}), schema, grpcStatus.
Exit codes: 0 the failure is gone, 5 it is not, or hides behind another answer than expected, 6 it cannot be told: a call that mattered
had no recorded answer, or what failed in the recording was asked otherwise, perhaps by chance; 1 error.`;

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('replay a failure with the mended service, and judge whether it is gone')
    .argument('<id>', 'id, or the beginning of one, or a .loop file')
    .argument('[command...]', 'after --: how the service is started (default: command of loop.yaml)')
    .option('--expect <file|json>', 'what the answer has to be, instead of the shape of good answers of its route')
    .option('--rules <file>', 'a rules.yaml that says what is a failure, too')
    .option('--neighbourhood', 'also with each dependency slow, failing or reset, and the request sent twice')
    .option('--slow <seconds>', 'how late a slow dependency answers', seconds, 2)
    .option('--strict', 'exit 5 when the service hangs, cuts the connection or ends in the neighbourhood')
    .option('--watch', 'again at every save of a file in the project')
    .option(
      '--edits <file>',
      'changed answers of the service that takes the request, as loopctl edit --save writes them',
    )
    .option('-o, --output <format>', 'text or json', choice(['text', 'json']), 'text');
  addReplayFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, words: readonly string[], options: VerifyOptions, self: Command) => {
      const one = await opened(id, words, options, self);
      const wish = { expected: await expected(options.expect), judge: await judgeOf(options.rules) };
      const run = (interrupt: AbortSignal) => verifyOnce({ ...one, interrupt }, wish, options);
      if (options.watch === true) return watchProject(run, verifyLine);
      const report = await interruptible(run);
      if (options.output === 'json') print(JSON.stringify(report, undefined, 2));
      else verifyLines(report).forEach(print);
      process.exitCode = exitCode(report, options.strict === true);
    });
}

async function verifyOnce(
  one: ReplayOptions,
  wish: { readonly expected: Expectation | undefined; readonly judge: Judge },
  { neighbourhood, slow }: VerifyOptions,
): Promise<VerifyReport> {
  const report = await verify(one, wish);
  if (neighbourhood !== true) return report;
  const { edit = (plan) => plan } = one;
  const strict: ReplayOptions = { ...one, edit: (plan) => withStrictErrors(edit(plan)) };
  return { ...report, neighbourhood: [...(await neighbourhoodOf(strict, { slowMs: slow * 1000 }))] };
}

async function opened(
  id: string,
  command: readonly string[],
  flags: VerifyOptions,
  self: Command,
): Promise<ReplayOptions> {
  const whatIf = await editOf(flags.edits);
  const one = await openReplay({
    bytes: await openedRecording(id, self),
    data: dataDirectory(self.optsWithGlobals<GlobalOptions>()),
    command,
    currentDirectory: process.cwd(),
    flags,
    debug: { inspect: undefined, breakpoints: [], onThrow: false, runtime: undefined },
  });
  return { ...one, whatIf };
}

export async function expected(given: string | undefined): Promise<Expectation | undefined> {
  if (given === undefined) return undefined;
  if (given.trimStart().startsWith('{')) return readExpectation(given, '--expect');
  const file = given.replace(/^@/, '');
  return readExpectation(await textOf(file), file);
}

async function judgeOf(file: string | undefined): Promise<Judge> {
  if (file === undefined) return judgeBy(BUILT_IN);
  const read = readRules(await textOf(file));
  if (read.kind === 'rules') return judgeBy(compileRules(read.rules, 0));
  const [first] = read.mistakes;
  throw new ReplayError(
    'bad-config',
    `${file}:${first?.line ?? 1}: ${first?.message ?? 'it cannot be read'}`,
    first?.hint,
  );
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ReplayError('bad-config', `The file ${file} cannot be read: ${said}.`, 'Check the path.', { cause });
  });
}

function exitCode({ verdict, neighbourhood = [] }: VerifyReport, strict: boolean): number {
  if (verdict === 'cannot-tell') return Exit.missed;
  const fell = strict && neighbourhood.some(({ outcome }) => outcome !== 'answered');
  return verdict === 'gone' && !fell ? Exit.done : Exit.differs;
}
