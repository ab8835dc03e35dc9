import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import { ReplayError } from '../../replay-sandbox/error.ts';
import { openRecording } from '../../replay-sandbox/open.ts';
import type { ReplayPlan } from '../../replay-sandbox/plan/plan.ts';
import { planReplay } from '../../replay-sandbox/plan/plan.ts';
import { findProject } from '../../replay-sandbox/plan/project.ts';
import { settingsFor } from '../../replay-sandbox/plan/settings.ts';
import { exemplarsOf, expectationOf } from '../../replay-sandbox/verify/exemplars.ts';
import { methodOf, pathOf } from '../../src/domain/exchange.ts';
import type { LoopFile } from '../../src/domain/loop-file.ts';
import { foldPath } from '../../src/domain/route.ts';
import { judgeBy } from '../../src/keeping/judge.ts';
import { BUILT_IN } from '../../src/verdict/rules/set.ts';
import { decodeLoopFile } from '../../storage/format/decode.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import { choice, count } from '../options.ts';
import { note, print } from '../output/format.ts';
import { disguised } from '../../src/keeping/disguise/loop-file.ts';
import type { Regression, RunnerName } from '../regression/runners.ts';
import { detectRunner, RUNNER, RUNNERS } from '../regression/runners.ts';
import { openedRecording } from './replay.ts';
import { expected } from './verify.ts';

interface AddOptions {
  readonly runner?: RunnerName;
  readonly dir: string;
  readonly expect?: string;
  readonly service?: string;
  readonly port?: number;
  readonly open?: true;
  readonly force?: true;
}

const EXAMPLES = `
Examples:
  loopctl test add 3f9k                              a folder in tests/loops, for the test framework of this project
  loopctl test add 3f9k --runner pytest -- python3 -m orders.server
  loopctl test add 3f9k --expect '{"status":200,"body":{"totalCents":1200}}'

The loop goes into the folder with a token in place of every value that a person wrote, so that it can be committed. --open keeps the
originals: then it is as secret as production.`;

export function addTest(program: Command): void {
  program
    .command('test')
    .description('keep failures as regression tests')
    .command('add')
    .description('write a folder with the loop, what is expected, and a test that runs loopctl verify')
    .argument('<id>', 'id, or the beginning of one, or an open .loop file')
    .argument('[command...]', 'after --: how the service is started (default: command of loop.yaml)')
    .option('--runner <framework>', 'vitest, pytest, go or junit (default: what the project has)', choice(RUNNERS))
    .option('--dir <directory>', 'where the folder goes', 'tests/loops')
    .option('--expect <file|json>', 'as of verify; default: the shape of good answers of the route')
    .option('--service <name>', 'another service of the transaction than the one it began at')
    .option('--port <port>', 'where the service listens, when there is no loop.yaml', count(0, 65_535))
    .option('--open', 'keep the originals: whoever has the folder can read every secret in it')
    .option('--force', 'over files that are there already')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, words: readonly string[], options: AddOptions, self: Command) => {
      const file = await decodeLoopFile(await openedRecording(id, self));
      const written = await writeFolder(file, words, options);
      written.files.forEach((path) => print(path));
      note(written.said);
    });
}

async function writeFolder(file: LoopFile, words: readonly string[], options: AddOptions) {
  // What the folder shows of the loop beside the loop itself, its title and the keys of its answers, is of this file, too.
  const kept = options.open === true ? file : disguised(file);
  const recording = openRecording(kept, undefined);
  const plan = planReplay(recording, options.service === undefined ? {} : { service: options.service });
  const name = runnerOf(options);
  const id = file.summary.id;
  const folder = join(options.dir, id);
  const exemplars = exemplarsOf(recording, plan.trigger, judgeBy(BUILT_IN));
  const expectation = (await expected(options.expect)) ?? expectationOf(exemplars) ?? { status: '2xx' };
  const { file: fileOf, text, run } = RUNNER[name];
  const test = join(folder, fileOf(id));
  const contents: readonly (readonly [string, string | Uint8Array])[] = [
    [join(folder, `${id}.loop`), await encodeLoopFile(kept)],
    [join(folder, 'expect.json'), `${JSON.stringify(expectation, undefined, 2)}\n`],
    [test, text(regressionOf(plan, words, { folder, id, options }))],
  ];
  requireFree(
    contents.map(([path]) => path),
    options,
  );
  await mkdir(folder, { recursive: true });
  for (const [path, content] of contents) await writeFile(path, content);
  const secrecy =
    options.open === true
      ? 'The loop holds its originals: treat it as you treat production data.'
      : 'Values that people wrote are tokens in it; look at it with loopctl import and show before you commit it.';
  const basis =
    options.expect === undefined ? `${exemplars.length} good answers of the route say what is expected.` : '';
  return {
    files: contents.map(([path]) => path),
    said: [`${secrecy} ${basis}`.trim(), `Run it: ${run(slashes(test))}`, `Keep it: git add ${slashes(folder)}`].join(
      '\n',
    ),
  };
}

function regressionOf(
  plan: ReplayPlan,
  words: readonly string[],
  { folder, id, options }: { readonly folder: string; readonly id: string; readonly options: AddOptions },
): Regression {
  const { service, port } = options;
  const currentDirectory = process.cwd();
  const project = findProject(currentDirectory);
  // Throws now, not in CI, when nothing says how the service is run.
  const { run } = settingsFor({ service: plan.service, project, currentDirectory, port, command: words });
  const flags = [
    ...(service === undefined ? [] : ['--service', service]),
    ...(port === undefined ? [] : ['--port', String(port)]),
  ];
  const title = `${plan.service} ${methodOf(plan.trigger)} ${foldPath(pathOf(plan.trigger))}: its failure is gone`;
  return {
    id,
    title,
    folder: slashes(folder),
    up: slashes(relative(folder, '.')),
    flags,
    command: words.length > 0 ? run : [],
  };
}

function runnerOf({ runner }: AddOptions): RunnerName {
  const found = runner ?? detectRunner(process.cwd());
  if (found !== undefined) return found;
  throw new ReplayError(
    'bad-config',
    'No test framework was found in this directory.',
    `--runner ${RUNNERS.join(' or ')}`,
  );
}

/** A test that somebody has edited is never lost. */
function requireFree(files: readonly string[], { force }: AddOptions): void {
  const there = files.filter((path) => existsSync(path));
  if (there.length === 0 || force === true) return;
  throw new ReplayError('bad-config', `There is ${there.join(' and ')} already.`, '--force writes over it.');
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
