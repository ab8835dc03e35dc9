import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ApiError } from '../../src/api/error.ts';
import type { RulesTest, TestedRecording } from '../../src/api/contract/results.ts';
import type { Mistake } from '../../src/verdict/rules-file/mistake.ts';
import { readRules } from '../../src/verdict/rules-file/read.ts';
import { withApi } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { count } from '../options.ts';
import { note, parseFormat, print, printable, printListing, type Column, type Format } from '../output/format.ts';

interface TestOptions {
  readonly output: Format;
  readonly loop?: string;
  readonly changes?: true;
  readonly limit: number;
}

const COLUMNS: readonly Column<TestedRecording>[] = [
  { title: 'CHANGE', text: ({ change, unread }) => (unread === undefined ? TOLD[change] : 'not read') },
  { title: 'ID', text: ({ id }) => id },
  { title: 'WHAT', text: ({ purpose }) => purpose },
  { title: 'ENTRY', text: ({ service, method, path }) => `${service} ${method} ${path}` },
  { title: 'IN FORCE', text: ({ inForce }) => judged(inForce) },
  { title: 'TRIED', text: ({ tried, unread }) => unread ?? judged(tried) },
  { title: 'BEGAN', text: ({ startedAt }) => new Date(startedAt).toISOString(), wide: true },
];

const TOLD: Readonly<Record<TestedRecording['change'], string>> = {
  same: '',
  kept: 'would keep',
  tossed: 'would toss',
  reason: 'other reason',
};

const EXAMPLES = `
Examples:
  loopctl rules test rules.yaml                  what these rules would say of every stored failure and exemplar
  loopctl rules test rules.yaml --changes        only what differs from the rules in force
  loopctl rules test rules.yaml --loop 3f9k      of one recording
  loopctl rules test                             what the rules in force say

Recordings are opened in memory and nothing is stored; entries in the audit log say so. What went well and was tossed is gone, but for
exemplars: these rules may find failures that no recording shows. Without a loopd the rules in force are the built-in ones.`;

export function addRules(program: Command): void {
  const rules = program.command('rules').description("rules of one's own: what is a failure");
  rules
    .command('check')
    .description('whether a rules.yaml is right; needs no loopd')
    .argument('<file>', 'YAML; docs/CONFIGURATION.md, "Rules"')
    .addHelpText('after', '\nExamples:\n  loopctl rules check rules.yaml')
    .action(check);
  rules
    .command('test')
    .description('try rules on what is stored')
    .argument('[file]', 'YAML; by default the rules in force')
    .option('--loop <id>', 'of one recording: its id, or the beginning of it')
    .option('--changes', 'only what differs from what the rules in force say')
    .option('-n, --limit <count>', 'so many failures and so many exemplars at most', count(1, 10_000), 1000)
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .addHelpText('after', EXAMPLES)
    .action(test);
}

async function check(file: string): Promise<void> {
  const read = readRules(await textOf(file));
  if (read.kind === 'mistakes') return tellMistakes(file, read.mistakes);
  print(`${file}: ${read.rules.length} rules, all right.`);
}

async function test(file: string | undefined, options: TestOptions, command: Command): Promise<void> {
  const text = file === undefined ? undefined : await textOf(file);
  const found = await withApi(command, async (api) => {
    const loop = options.loop === undefined ? undefined : await api.resolve(options.loop);
    return api.testRules({
      ...(text !== undefined && { rules: text }),
      ...(loop !== undefined && { loop }),
      limit: options.limit,
    });
  });
  if (found.mistakes.length > 0) return tellMistakes(file ?? 'The rules in force', found.mistakes);
  const rows = found.recordings.filter(({ change }) => options.changes !== true || change !== 'same');
  const empty = found.recordings.length === 0 ? 'Nothing is stored yet.' : 'Nothing would change.';
  printListing({ rows, columns: COLUMNS, name: ({ id }) => id, empty }, options.output);
  tellSummary(found);
}

function tellSummary({ recordings, more }: RulesTest): void {
  const read = recordings.filter(({ unread }) => unread === undefined);
  const kept = read.filter(({ tried }) => tried.decision === 'keep').length;
  const changed = read.filter(({ change }) => change !== 'same').length;
  note(`Of ${read.length} recordings these rules would keep ${kept}, toss ${read.length - kept}; ${changed} changed.`);
  if (read.length < recordings.length) note(`${recordings.length - read.length} could not be opened.`);
  if (more) note('There are older ones; --limit asks for more.');
}

function judged({ decision, rule, summary }: TestedRecording['tried']): string {
  if (summary === undefined) return decision;
  return decision === 'keep' || rule !== undefined ? `${decision}: ${summary}` : decision;
}

/** A file that is not right is a slip in what was typed. */
function tellMistakes(file: string, mistakes: readonly Mistake[]): void {
  for (const { line, column, message, hint } of mistakes)
    process.stderr.write(`${file}:${line}:${column}: ${printable(message)}\n  Try: ${printable(hint)}\n`);
  note(`Error: ${mistakes.length === 1 ? 'One mistake' : `${mistakes.length} mistakes`} in ${file}.`);
  process.exitCode = Exit.usage;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError('invalid', `The rules ${file} cannot be read: ${said}.`, 'Check the path.', { cause });
  });
}
