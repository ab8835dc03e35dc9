import type { Command } from 'commander';
import type { TimelineEntry } from '../../src/api/contract/results.ts';
import { withApi } from '../connection.ts';
import { momentBefore } from '../options.ts';
import type { Column, Format } from '../output/format.ts';
import { parseFormat, printListing } from '../output/format.ts';

interface TimelineOptions {
  readonly user: string;
  readonly since?: number;
  readonly until?: number;
  readonly output: Format;
}

const COLUMNS: readonly Column<TimelineEntry>[] = [
  { title: 'AT', text: ({ loop }) => new Date(loop.startedAt).toISOString().slice(0, 19).replace('T', ' ') },
  { title: 'ID', text: ({ loop }) => loop.id },
  { title: 'REQUEST', text: ({ loop }) => `${loop.method} ${loop.path}` },
  { title: 'SERVICE', text: ({ loop }) => loop.service },
  { title: 'STATUS', text: ({ loop }) => String(loop.status ?? '-') },
  { title: 'KEPT AS', text: ({ loop }) => loop.purpose },
  { title: 'FAILURE', text: ({ loop }) => loop.origin?.summary ?? '-' },
  { title: 'CAPTURES', text: ({ captures }) => captures.join(' ') || '-', wide: true },
];

export function addTimeline(program: Command): void {
  program
    .command('timeline')
    .description('what is stored of one user, by time; looking is audited')
    .requiredOption('--user <id>', 'the id at any of the places in users.ids of loopd.yaml')
    .option('--since <when>', '30m, 2h, 3d, or a date', momentBefore(Date.now))
    .option('--until <when>', 'and until then', momentBefore(Date.now))
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .addHelpText('after', '\nExamples:\n  loopctl timeline --user 42\n  loopctl timeline --user 42 --since 2h -o json')
    .action(async ({ output, ...asked }: TimelineOptions, command: Command) => {
      const rows = await withApi(command, (api) => api.timeline(asked));
      const empty = 'Nothing is stored of this user.';
      printListing({ rows, columns: COLUMNS, name: ({ loop }) => loop.id, empty }, output);
    });
}
