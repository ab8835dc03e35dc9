import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { answersOf, editedBy, listAnswers } from '../../replay-sandbox/edit/answers.ts';
import type { Change } from '../../replay-sandbox/edit/change.ts';
import type { ReplayOptions } from '../../replay-sandbox/options.ts';
import { planCast } from '../../replay-sandbox/plan/cast.ts';
import { replay } from '../../replay-sandbox/replay.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import type { GlobalOptions } from '../connection.ts';
import { dataDirectory } from '../connection.ts';
import type { Edits } from '../edits-flag.ts';
import { changesOf, editsIn } from '../edits-flag.ts';
import { interruptible } from '../interrupt.ts';
import { choice } from '../options.ts';
import { note, plainTable, print, printable } from '../output/format.ts';
import { openReplay } from '../replay-file.ts';
import type { ReplayFlags } from '../replay-flags.ts';
import { addReplayFlags } from '../replay-flags.ts';
import { openedRecording } from './replay.ts';

interface EditOptions extends ReplayFlags {
  readonly set: readonly string[];
  readonly delay: readonly string[];
  readonly list?: true;
  readonly edits?: string;
  readonly save?: string;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Examples:
  loopctl edit 3f9k --list                                          the recorded answers, with a number each
  loopctl edit 3f9k --set 3:body.price=0 -- node server.js          the original, and beside it the what-if
  loopctl edit 3f9k --set 'pricing GET /prices/7 status=503' --delay 'postgres SELECT=2s' -- node server.js
  loopctl edit 3f9k --set '2:row[0].price_cents=0' …                of Postgres: a column, of one row or of all
  loopctl edit 3f9k --set 4:body.price=0 --save edits.yaml -- node server.js    for verify --edits edits.yaml

What is set: status, headers.<name>, body, body.<path> of HTTP; row[<n>].<column>, row.<column> of Postgres; value of Redis. Of several
services, the answers of the one that takes the request are listed and changed. The stored loop stays as it is.`;

const collect = (text: string, former: readonly string[]): readonly string[] => [...former, text];

export function addEdit(program: Command): void {
  const command = program
    .command('edit')
    .description('change recorded answers, or their delay, and replay the what-if beside the original')
    .argument('<id>', 'id, or the beginning of one, or a .loop file')
    .argument('[command...]', 'after --: how the service is started (default: command of loop.yaml)')
    .option('--list', 'the recorded answers with a number each, and nothing else')
    .option('--set <answer:what=value>', 'another value in an answer; repeat', collect, [])
    .option('--delay <answer=time>', 'an answer later: 500ms, 2s; repeat', collect, [])
    .option('--edits <file>', 'the same from a file')
    .option('--save <file>', 'write these changes to a file, for --edits')
    .option('-o, --output <format>', 'text or json', choice(['text', 'json']), 'text');
  addReplayFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, words: readonly string[], options: EditOptions, self: Command) => {
      const former = options.edits === undefined ? { set: [], delay: [] } : await editsIn(options.edits);
      const changes = [...changesOf(former), ...changesOf(options)];
      const one = await opened(id, words, options, self);
      const [plan] = planCast(one.recording, one.services ?? []).plans;
      if (options.list === true || changes.length === 0) return listed(listAnswers(plan), options);
      for (const change of changes)
        for (const { number, line } of answersOf(plan, change)) note(`loop: changes ${number}: ${printable(line)}`);
      if (options.save !== undefined) await save(options.save, former, options);
      const both = await interruptible((interrupt) => replayBoth({ ...one, interrupt }, changes));
      if (options.output === 'json') print(JSON.stringify(both, undefined, 2));
      else besideLines(both).forEach(print);
    });
}

interface Both {
  readonly original: ReplayReport;
  readonly edited: ReplayReport;
}

async function replayBoth(one: ReplayOptions, changes: readonly Change[]): Promise<Both> {
  const whatIf = editedBy(changes);
  const original = await replay(one);
  return { original, edited: await replay({ ...one, whatIf }) };
}

function opened(id: string, command: readonly string[], flags: EditOptions, self: Command): Promise<ReplayOptions> {
  return openedRecording(id, self).then((bytes) =>
    openReplay({
      bytes,
      data: dataDirectory(self.optsWithGlobals<GlobalOptions>()),
      command,
      currentDirectory: process.cwd(),
      flags,
      debug: { inspect: undefined, breakpoints: [], onThrow: false, runtime: undefined },
    }),
  );
}

function listed(answers: ReturnType<typeof listAnswers>, { output }: EditOptions): void {
  if (output === 'json') return print(JSON.stringify(answers, undefined, 2));
  const rows = answers.map(({ number, line, answered }) => [String(number), printable(line), printable(answered)]);
  print(plainTable(['#', 'asked', 'answered'], rows));
}

/** Those of --edits and, over them, those of the command line. */
async function save(file: string, former: Edits, { set, delay }: Edits): Promise<void> {
  const all = { version: 1, set: [...former.set, ...set], delay: [...former.delay, ...delay] };
  await writeFile(file, stringify(all), { mode: 0o600, flag: 'wx' });
  note(`loop: ${file}: loopctl verify --edits takes it`);
}

function besideLines({ original, edited }: Both): readonly string[] {
  const said = ({ replayed }: ReplayReport): string =>
    `${replayed.status ?? 'no answer'} ${printable(replayed.body ?? '')}`.trim();
  const calls = ({ calls: all }: ReplayReport): readonly string[] =>
    all.filter(({ matters }) => matters).map(({ protocol, peer, summary }) => `${protocol} ${peer}  ${summary}`);
  const [then, now] = [calls(original), calls(edited)];
  const same = said(original) === said(edited) && then.join('\n') === now.join('\n');
  return [
    `${original.service} ${printable(original.trigger)}`,
    `  original  ${said(original)}`,
    `  what if   ${said(edited)}`,
    ...less(then, now).map((line) => `  no longer asked: ${printable(line)}`),
    ...less(now, then).map((line) => `  asked now:       ${printable(line)}`),
    ...(same ? ['  no difference'] : []),
  ];
}

/** Lines of the first list that the second has fewer of. */
function less(one: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other];
  return one.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
