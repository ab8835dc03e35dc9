import type { Command } from 'commander';
import type { AuditEntry, AuditPage } from '../../src/api/contract/results.ts';
import type { LoopApi } from '../../src/api/port.ts';
import { withApi } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { count } from '../options.ts';
import type { Column, Format } from '../output/format.ts';
import { note, parseFormat, print, printListing } from '../output/format.ts';

interface ListOptions {
  readonly output: Format;
  readonly limit: number;
  readonly actor?: string;
  readonly act?: string;
}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { title: 'NO', text: ({ sequence }) => String(sequence) },
  { title: 'AT', text: ({ at }) => new Date(at).toISOString().slice(0, 19).replace('T', ' ') },
  { title: 'WHO', text: ({ actor }) => actor },
  { title: 'DID', text: ({ act }) => act },
  {
    title: 'ABOUT',
    text: ({ about }) =>
      Object.entries(about)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
  },
  { title: 'HASH', text: ({ hash }) => hash, wide: true },
];

const EXAMPLES = `
Examples:
  loopctl audit list --act open
  loopctl audit list --actor ada -n 200 -o json
  loopctl audit verify && echo whole`;

export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('who looked at, opened or changed what; and whether somebody changed that')
    .addHelpText('after', EXAMPLES);
  audit
    .command('list')
    .description('newest first; each line holds the digest of the one before')
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .option('-n, --limit <n>', 'at most so many', count(1, 500), 50)
    .option('--actor <name>', 'only what this one did')
    .option('--act <act>', 'only this: view, open, export, delete, erase, capture-start …')
    .action(async ({ output, ...asked }: ListOptions, command: Command) => {
      const { entries, next, chain } = await withApi(command, (api) => api.audit(asked));
      const empty = 'Nobody did anything that is written down.';
      printListing({ rows: entries, columns: COLUMNS, name: ({ sequence }) => String(sequence), empty }, output);
      if (next !== undefined) note(`There are more: --limit ${asked.limit * 2} shows them.`);
      if (!chain.whole) note(brokenText(chain));
    });
  audit
    .command('verify')
    .description('whether the chain is whole: exits with 1 when it is not')
    .action(async (_options: object, command: Command) => verify(command));
}

async function verify(command: Command): Promise<void> {
  const { chain, entries } = await withApi(command, (api: LoopApi) => api.audit({ limit: 1 }));
  if (!chain.whole) return command.error(`error: ${brokenText(chain)}`, { exitCode: Exit.error });
  print(`whole: ${chain.entries} entries, the last ${entries[0]?.hash ?? 'none'}`);
}

function brokenText({ broken, entries }: AuditPage['chain']): string {
  return `The audit is not whole: entry ${broken ?? '?'} of ${entries} is not what was written, one is missing there, or it tells that its head was lost.`;
}
