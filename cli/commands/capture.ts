import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CaptureStart } from '../../src/captures/selector.ts';
import type { Capture } from '../../src/domain/capture.ts';
import { pageOf, withApi } from '../connection.ts';
import { count } from '../options.ts';
import { CAPTURE_COLUMNS, captureState, selectorOf } from '../output/capture.ts';
import type { Format } from '../output/format.ts';
import { note, parseFormat, print, printListing } from '../output/format.ts';

interface StartOptions {
  readonly user?: string;
  readonly header: Pairs;
  readonly cookie: Pairs;
  readonly jwt: Pairs;
  readonly query: Pairs;
  readonly json: Pairs;
  readonly metadata: Pairs;
  readonly for?: number;
  readonly reason: string;
  readonly maxBytes?: number;
  readonly maxTransactions?: number;
  readonly lookBack: boolean;
}

type Pairs = readonly { readonly name: string; readonly value: string }[];

const KINDS = ['header', 'cookie', 'jwt', 'query', 'json', 'metadata'] as const;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
const MOST = 2 ** 40;

export function addCapture(program: Command): void {
  const capture = program
    .command('capture')
    .description('keep everything one user does for a while, and did just before');
  addStart(capture);
  capture
    .command('stop')
    .description('end a capture; what it has stays')
    .argument('<id>', 'id, or the beginning of one')
    .action(async (prefix: string, _options: object, command: Command) => {
      const ended = await withApi(command, async ({ captures }) => captures.stop(await captures.resolve(prefix)));
      note(
        `stopped ${ended.id}: ${ended.transactions} transactions (${ended.failed} failed). See them: loopctl show ${ended.id}`,
      );
      await tellPage(command, ended);
    });
  capture
    .command('list')
    .description('captures, newest first')
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .action((options: { readonly output: Format }, command: Command) => listCaptures(command, options.output));
}

export async function listCaptures(command: Command, format: Format): Promise<void> {
  const rows = await withApi(command, ({ captures }) => captures.list());
  printListing({ rows, columns: CAPTURE_COLUMNS, name: ({ id }) => id, empty: 'There are no captures.' }, format);
}

function addStart(capture: Command): void {
  const start = capture.command('start').description('begin a capture; several conditions together mean all of them');
  start.option(
    '--user <id>',
    'whose traffic: the id at any of the places in users.ids of loopd.yaml, and the sessions seen with it',
  );
  for (const kind of KINDS)
    start.option(`--${kind} <${kind === 'json' ? 'path' : 'name'}=value>`, WHERE[kind], pairs, []);
  start
    .requiredOption('--reason <text>', 'what it is for; it is audited')
    .option('--for <time>', '90s, 10m or 2h (default: 10m)', duration)
    .option('--max-bytes <n>', 'end when so much is stored', count(1, MOST))
    .option('--max-transactions <n>', 'end after so many', count(1, MOST))
    .option('--no-look-back', 'take only what comes from now on')
    .addHelpText('after', EXAMPLES)
    .action(async (options: StartOptions, command: Command) => {
      const started = await withApi(command, ({ captures }) => captures.start(asked(options)));
      print(started.id);
      tell(started);
      await tellPage(command, started);
    });
}

const WHERE: Readonly<Record<(typeof KINDS)[number], string>> = {
  header: 'a header of a request',
  cookie: 'a cookie',
  jwt: 'a claim of a JWT, in authorization or a cookie',
  query: 'a parameter of the query',
  json: "a value in a JSON body: '$.customer.id=42'",
  metadata: 'metadata of a gRPC call',
};

const EXAMPLES = `
Examples:
  loopctl capture start --user 42 --for 10m --reason "ticket 811"
  loopctl capture start --user 42 --header x-tenant=7 --reason "ticket 811"
  loopctl capture start --json '$.customer.id=42' --max-transactions 50 --reason "ticket 811"
  loopctl show cap-7h3k9qx2         # what the user did, as one timeline
`;

function asked(options: StartOptions): CaptureStart {
  return {
    ...(options.user !== undefined && { user: options.user }),
    pairs: KINDS.flatMap((kind) => options[kind].map(({ name, value }) => ({ kind, name, value }))),
    reason: options.reason,
    who: userInfo().username,
    ...(options.for !== undefined && { forMs: options.for }),
    ...(options.maxBytes !== undefined && { maxBytes: options.maxBytes }),
    ...(options.maxTransactions !== undefined && { maxTransactions: options.maxTransactions }),
    lookBack: options.lookBack,
  };
}

function tell(capture: Capture): void {
  const until = new Date(capture.until).toISOString().slice(0, 19).replace('T', ' ');
  note(`${captureState(capture)}: ${selectorOf(capture)}, until ${until} UTC.`);
  note(`What it takes:  loopctl show ${capture.id}`);
}

/** For whoever has no terminal. */
async function tellPage(command: Command, { id }: Capture): Promise<void> {
  const page = await pageOf(command, `captures/${id}`);
  if (page !== undefined) note(`In a browser:   ${page}`);
}

function pairs(text: string, before: Pairs): Pairs {
  const equals = text.indexOf('=');
  if (equals <= 0 || equals === text.length - 1) throw new InvalidArgumentError('name=value');
  return [...before, { name: text.slice(0, equals), value: text.slice(equals + 1) }];
}

/** Milliseconds. */
function duration(text: string): number {
  const [, number, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('a number and s, m or h, such as 10m');
}
