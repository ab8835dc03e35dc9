import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { LoopSummary, RecordingPurpose } from '../../src/domain/loop.ts';
import { parseFingerprint } from '../../src/domain/ids.ts';
import type { Fingerprint } from '../../src/domain/ids.ts';
import { withApi } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { count } from '../options.ts';
import type { Column, Format } from '../output/format.ts';
import { note, parseFormat, printListing } from '../output/format.ts';

interface ListOptions {
  readonly output: Format;
  readonly limit: number;
  readonly service?: string;
  readonly fingerprint?: Fingerprint;
}

const PURPOSES: Readonly<Record<string, RecordingPurpose>> = {
  failures: 'failure',
  exemplars: 'exemplar',
  ambient: 'ambient',
};

const COLUMNS: readonly Column<LoopSummary>[] = [
  { title: 'ID', text: (loop) => loop.id },
  { title: 'AT', text: (loop) => new Date(loop.startedAt).toISOString().replace('T', ' ').slice(0, 19) },
  { title: 'REQUEST', text: (loop) => `${loop.method} ${loop.path}` },
  { title: 'SERVICE', text: (loop) => loop.service },
  { title: 'STATUS', text: (loop) => String(loop.status ?? '-') },
  { title: 'OUTCOME', text: (loop) => loop.outcome },
  { title: 'ORIGIN', text: (loop) => loop.origin?.service ?? '-' },
  { title: 'FAILURE', text: (loop) => loop.origin?.summary ?? '-' },
  { title: 'FINGERPRINT', text: (loop) => loop.fingerprint ?? '-', wide: true },
  { title: 'MS', text: (loop) => loop.durationMs.toFixed(0), wide: true },
  { title: 'EXCHANGES', text: (loop) => String(loop.exchanges), wide: true },
  { title: 'COMMANDS', text: (loop) => String(loop.commands), wide: true },
  { title: 'BYTES', text: (loop) => String(loop.bytes), wide: true },
  { title: 'MISSING', text: (loop) => (loop.holes.length === 0 ? '-' : String(loop.holes.length)) },
];

export function addList(program: Command): void {
  program
    .command('list')
    .description('what was kept, newest first')
    .argument('<what>', `${Object.keys(PURPOSES).join(', ')}`)
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .option('-n, --limit <n>', 'at most so many', count(1, 500), 50)
    .option('--service <name>', 'only transactions that this service took part in')
    .option('--fingerprint <hex>', 'only repeats of one failure', parseFingerprintOption)
    .action(async (what: string, options: ListOptions, command: Command) => {
      const purpose = PURPOSES[what];
      if (purpose === undefined)
        return command.error(`error: nothing is called "${what}"; there are ${Object.keys(PURPOSES).join(', ')}`, {
          exitCode: Exit.usage,
        });
      const { loops, next } = await withApi(command, (api) =>
        api.list({ purpose, limit: options.limit, service: options.service, fingerprint: options.fingerprint }),
      );
      printListing(
        { rows: loops, columns: COLUMNS, name: (loop) => loop.id, empty: `No ${what} were kept.` },
        options.output,
      );
      if (next !== undefined) note(`There are more: --limit ${options.limit * 2} shows them.`);
    });
}

function parseFingerprintOption(text: string): Fingerprint {
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined) throw new InvalidArgumentError('12 hex digits');
  return fingerprint;
}
