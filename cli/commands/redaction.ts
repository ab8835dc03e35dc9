import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseDocument } from 'yaml';
import { ApiError } from '../../src/api/error.ts';
import type { RedactionFinding } from '../../src/api/contract/results.ts';
import { withApi } from '../connection.ts';
import { note, parseFormat, printListing, type Column, type Format } from '../output/format.ts';

interface TestOptions {
  readonly output: Format;
  readonly rules?: string;
  readonly changes?: true;
}

const COLUMNS: readonly Column<RedactionFinding>[] = [
  { title: 'CHANGE', text: ({ change }) => (change === 'same' ? '' : change) },
  { title: 'WHERE', text: ({ where }) => where },
  { title: 'HIDDEN', text: ({ token }) => token },
  { title: 'BEHIND', text: ({ before }) => before, wide: true },
];

const EXAMPLES = `
Examples:
  loopctl redaction test 3f9k                        what the rules in force hide
  loopctl redaction test 3f9k --rules rules.yaml     what these would hide: new, or lost (it would be shown)

The file holds a "redaction" section as in loopd.yaml (names, patterns, leave). The recording is opened in memory and nothing is stored;
an entry in the audit log says so.`;

export function addRedaction(program: Command): void {
  program
    .command('redaction')
    .description('what is hidden in what may be read')
    .command('test')
    .description('try redaction rules on a stored loop')
    .argument('<id>', 'id, or the beginning of one')
    .option('--rules <file>', 'YAML; by default the rules in force')
    .option('--changes', 'only what differs from what is hidden now')
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .addHelpText('after', EXAMPLES)
    .action(async (prefix: string, options: TestOptions, command: Command) => {
      const rules = options.rules === undefined ? undefined : await readRules(options.rules);
      const { findings, more } = await withApi(command, async (api) =>
        api.testRedaction(await api.resolve(prefix), rules),
      );
      const rows = findings.filter(({ change }) => options.changes !== true || change !== 'same');
      const empty = options.changes === true ? 'Nothing would change.' : 'Nothing is hidden in this loop.';
      printListing({ rows, columns: COLUMNS, name: ({ where }) => where, empty }, options.output);
      if (more > 0) note(`There are ${more} more.`);
      const changed = (kind: RedactionFinding['change']) => findings.filter(({ change }) => change === kind).length;
      note(`${findings.length + more} values hidden or shown again: ${changed('new')} new, ${changed('lost')} lost.`);
    });
}

/** The section itself, or a file that has it, as loopd.yaml does. */
async function readRules(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError('invalid', `The rules ${file} cannot be read: ${said}.`, 'Check the path.', { cause });
  });
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const line = broken.message.split('\n')[0] ?? '';
    throw new ApiError('invalid', `${file} is no valid YAML: ${line}`, 'Mend the line it names.');
  }
  const value: unknown = document.toJS({ maxAliasCount: 0 }) ?? {};
  return typeof value === 'object' && value !== null && 'redaction' in value ? value.redaction : value;
}
