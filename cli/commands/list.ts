import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { LoopApi } from '../../src/api/port.ts';
import type { LoopSummary, RecordingPurpose } from '../../src/domain/loop.ts';
import { parseFingerprint } from '../../src/domain/ids.ts';
import type { Fingerprint } from '../../src/domain/ids.ts';
import type { FingerprintSummary } from '../../src/domain/fingerprint.ts';
import { withApi } from '../connection.ts';
import { listCaptures } from './capture.ts';
import { Exit } from '../exit-codes.ts';
import { choice, count, momentBefore } from '../options.ts';
import type { Column, Format } from '../output/format.ts';
import { FINGERPRINT_COLUMNS, seenText } from '../output/fingerprints.ts';
import { note, parseFormat, printListing } from '../output/format.ts';

interface ListOptions {
  readonly output: Format;
  readonly limit: number;
  readonly service?: string;
  readonly fingerprint?: Fingerprint;
  readonly since?: number;
  readonly until?: number;
  readonly outcome?: LoopSummary['outcome'];
  readonly status?: string;
  readonly route?: string;
  /** Of a service: `pricing@1.2.0`. */
  readonly ofVersion?: string;
  readonly search?: string;
}

const WHAT = ['failures', 'fingerprints', 'captures', 'exemplars', 'ambient'] as const;

const PURPOSES: Readonly<Record<string, RecordingPurpose>> = {
  failures: 'failure',
  exemplars: 'exemplar',
  ambient: 'ambient',
};

/** A loop, and how often its failure was seen, kept or not. */
interface Listed extends LoopSummary {
  readonly repeats?: Pick<FingerprintSummary, 'seen' | 'guessed'>;
}

const COLUMNS: readonly Column<Listed>[] = [
  { title: 'ID', text: (loop) => loop.id },
  { title: 'AT', text: (loop) => new Date(loop.startedAt).toISOString().replace('T', ' ').slice(0, 19) },
  { title: 'REQUEST', text: (loop) => `${loop.method} ${loop.path}` },
  { title: 'SERVICE', text: (loop) => loop.service },
  { title: 'STATUS', text: (loop) => String(loop.status ?? '-') },
  { title: 'OUTCOME', text: (loop) => loop.outcome },
  { title: 'ORIGIN', text: (loop) => loop.origin?.service ?? '-' },
  { title: 'FAILURE', text: (loop) => loop.origin?.summary ?? '-' },
  { title: 'SEEN', text: ({ repeats }) => (repeats === undefined ? '-' : seenText(repeats)) },
  { title: 'FINGERPRINT', text: (loop) => loop.fingerprint ?? '-', wide: true },
  { title: 'MS', text: (loop) => loop.durationMs.toFixed(0), wide: true },
  { title: 'EXCHANGES', text: (loop) => String(loop.exchanges), wide: true },
  { title: 'COMMANDS', text: (loop) => String(loop.commands), wide: true },
  { title: 'BYTES', text: (loop) => String(loop.bytes), wide: true },
  { title: 'MISSING', text: (loop) => (loop.holes.length === 0 ? '-' : String(loop.holes.length)) },
];

const EXAMPLES = `
Examples:
  loopctl list failures --since 2h
  loopctl list failures --search "duplicate key" --status 5xx --of-version orders@1.4.0
  loopctl list failures --route "POST /orders/*" --since 2026-01-31T12:00 --until 2026-01-31T13:00
  loopctl list fingerprints --service pricing -o wide
  loopctl list failures --fingerprint 3f2a9c01b7de`;

export function addList(program: Command): void {
  program
    .command('list')
    .description('what was kept, newest first; of fingerprints, what was counted, last seen first')
    .argument('<what>', WHAT.join(', '))
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .option('-n, --limit <n>', 'at most so many', count(1, 500), 50)
    .option('--service <name>', 'only transactions that this service took part in; of fingerprints, that began there')
    .option('--fingerprint <hex>', 'only repeats of one failure', parseFingerprintOption)
    .option('--since <when>', '30m, 2h, 3d, or a date: what began since, or was seen since', momentBefore(Date.now))
    .option(
      '--until <when>',
      'and until then; of failures, exemplars and ambient, as all below',
      momentBefore(Date.now),
    )
    .option('--outcome <outcome>', 'good, failed or swallowed', choice(['good', 'failed', 'swallowed']))
    .option('--status <status>', 'of the entry: 502, or 5xx', status)
    .option('--route <route>', 'of the entry, ids do not count: /orders/7, "POST /orders/*"')
    .option('--of-version <version>', 'a version that took part: pricing@1.2.0')
    .option(
      '--search <words>',
      'each begins a word of addresses, statements, errors or bodies; redacted as they are shown',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (what: string, options: ListOptions, command: Command) => {
      const purpose = PURPOSES[what];
      if (what === 'captures') return listCaptures(command, options.output);
      if (what === 'fingerprints') return listFingerprints(options, command);
      if (purpose !== undefined) return listLoops(what, purpose, options, command);
      return command.error(`error: nothing is called "${what}"; there are ${WHAT.join(', ')}`, {
        exitCode: Exit.usage,
      });
    });
}

async function listLoops(what: string, purpose: RecordingPurpose, options: ListOptions, command: Command) {
  const { limit, service, fingerprint, since, until, outcome, route, output } = options;
  const more = { until, outcome, route, status: options.status, version: options.ofVersion, text: options.search };
  const { loops, next } = await withApi(command, async (api) => {
    const page = await api.list({ purpose, limit, service, fingerprint, since, ...more });
    return { ...page, loops: await withRepeats(api, page.loops) };
  });
  printListing({ rows: loops, columns: COLUMNS, name: (loop) => loop.id, empty: `No ${what} were kept.` }, output);
  if (next !== undefined) note(`There are more: --limit ${limit * 2} shows them.`);
}

async function listFingerprints(options: ListOptions, command: Command): Promise<void> {
  const { limit, service, since, fingerprint, output } = options;
  const among = fingerprint && [fingerprint];
  const rows = await withApi(command, (api) => api.fingerprints({ limit, service, since, among }));
  printListing(
    { rows, columns: FINGERPRINT_COLUMNS, name: (one) => one.fingerprint, empty: 'No failures were counted.' },
    output,
  );
}

async function withRepeats(api: LoopApi, loops: readonly LoopSummary[]): Promise<readonly Listed[]> {
  const among = [...new Set(loops.flatMap(({ fingerprint }) => fingerprint ?? []))];
  if (among.length === 0) return loops;
  const counted = await api.fingerprints({ among, limit: among.length });
  const repeats = new Map(counted.map(({ fingerprint, seen, guessed }) => [fingerprint, { seen, guessed }]));
  return loops.map((loop) => {
    const found = loop.fingerprint && repeats.get(loop.fingerprint);
    return found === undefined ? loop : { ...loop, repeats: found };
  });
}

function parseFingerprintOption(text: string): Fingerprint {
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined) throw new InvalidArgumentError('12 hex digits');
  return fingerprint;
}

function status(text: string): string {
  if (/^[1-5](?:\d\d|xx)$/.test(text)) return text;
  throw new InvalidArgumentError('a status: 502, or 5xx');
}
