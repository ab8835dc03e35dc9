import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { ShownToken } from '../../src/domain/access.ts';
import { ROLES, type Role } from '../../src/domain/access.ts';
import { withApi } from '../connection.ts';
import { choice } from '../options.ts';
import { note, parseFormat, print, printListing, type Column, type Format } from '../output/format.ts';

interface CreateOptions {
  readonly name: string;
  readonly role: readonly Role[];
  readonly tenant?: readonly string[];
  readonly for: number;
}

const DAY_MS = 86_400_000;

const EXAMPLES = `
Examples:
  loopctl token create --name ci --role viewer --for 30d
  loopctl token create --name payments --role debugger --tenant payments > token
  loopctl token list
  loopctl token revoke 7h3k9qx2

A token has at most what its maker has, and makes no others. It is printed once: loopctl login stores it, LOOP_TOKEN or a browser takes it.`;

const COLUMNS: readonly Column<ShownToken>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'ROLES', text: ({ roles }) => roles.join(', ') },
  { title: 'TENANTS', text: ({ tenants }) => tenants?.join(', ') ?? '(everywhere)' },
  { title: 'UNTIL', text: ({ until }) => day(until) },
  { title: 'USED', text: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'never' : day(lastUsedAt)) },
  { title: 'MADE BY', text: ({ madeBy }) => madeBy, wide: true },
  { title: 'MADE', text: ({ madeAt }) => day(madeAt), wide: true },
];

export function addToken(program: Command): void {
  const token = program
    .command('token')
    .description('tokens with a role and an end, for people and programs')
    .addHelpText('after', EXAMPLES);
  addCreate(token);
  token
    .command('list')
    .description('those that you made; everybody’s for an admin')
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .action(async ({ output }: { readonly output: Format }, command: Command) => {
      const rows = await withApi(command, ({ tokens }) => tokens.list());
      printListing({ rows, columns: COLUMNS, name: ({ id }) => id, empty: 'There are no tokens.' }, output);
    });
  token
    .command('revoke')
    .description('end them, and whoever is signed in with them')
    .argument('<id...>', 'of tokens')
    .action(async (ids: readonly string[], _options: object, command: Command) =>
      withApi(command, async ({ tokens }) => {
        for (const id of ids) {
          await tokens.revoke(id);
          note(`revoked ${id}`);
        }
      }),
    );
}

function addCreate(token: Command): void {
  token
    .command('create')
    .description('make one; it is printed this once')
    .requiredOption('--name <name>', 'what it is for, as the audit names it')
    .requiredOption('--role <role...>', ROLES.join(', '), roles)
    .option('--tenant <name...>', 'where its roles hold; default: where yours do')
    .option('--for <time>', '12h or 30d, at most 366d', span, 30 * DAY_MS)
    .action(async ({ name, role, tenant, for: forMs }: CreateOptions, command: Command) => {
      const { token: made, secret } = await withApi(command, ({ tokens }) =>
        tokens.create({ name, roles: [...role], forMs, ...(tenant && { tenants: [...tenant] }) }),
      );
      print(secret);
      note(
        `Token ${made.id}, until ${day(made.until)}. It is not shown again; loopctl token revoke ${made.id} ends it.`,
      );
    });
}

const role = choice(ROLES);

function roles(text: string, before: readonly Role[] = []): readonly Role[] {
  return [...before, role(text)];
}

function span(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * ({ m: 60_000, h: 3_600_000, d: DAY_MS }[unit] ?? 0);
  if (ms >= 60_000 && ms <= 366 * DAY_MS) return ms;
  throw new InvalidArgumentError('12h or 30d, at most 366d');
}

function day(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
