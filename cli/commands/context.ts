import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import type { GlobalOptions } from '../connection.ts';
import { contextsPath, loadContexts, saveContexts } from '../contexts-file.ts';
import {
  checkedAuthority,
  checkedName,
  checkedToken,
  checkedUrl,
  ContextError,
  contextNamed,
  withContext,
  withoutContext,
  type Context,
} from '../contexts.ts';
import { Exit } from '../exit-codes.ts';
import { choice } from '../options.ts';
import { note, parseFormat, print, printListing, type Column, type Format } from '../output/format.ts';
import { choosePlace } from '../place.ts';

interface AddOptions {
  readonly url: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly insecure?: true;
}

/** What may be shown of a context: of the token, that there is one. */
interface ShownContext {
  readonly name: string;
  readonly current: boolean;
  readonly url: string;
  readonly token: 'stored' | 'missing';
  readonly authority: 'its own' | 'the usual ones';
  readonly insecure: boolean;
}

const COLUMNS: readonly Column<ShownContext>[] = [
  { title: '', text: ({ current }) => (current ? '*' : '') },
  { title: 'NAME', text: ({ name }) => name },
  { title: 'URL', text: ({ url }) => url },
  { title: 'TOKEN', text: ({ token }) => token },
  { title: 'AUTHORITY', text: ({ authority }) => authority, wide: true },
  { title: 'INSECURE', text: ({ insecure }) => (insecure ? 'yes' : ''), wide: true },
];

const EXAMPLES = `
Examples:
  loopctl context add prod --url https://loop.example:5679 --ca company-ca.pem
  loopctl --context prod login              asks for the token
  loopctl context use prod                  from now on
  loopctl --context prod list failures      for once; or LOOP_CONTEXT=prod
  loopctl context use --none                this machine again

What comes first counts: --url, --data, LOOP_URL (with LOOP_TOKEN), --context, LOOP_CONTEXT, LOOP_DATA, the current context, this machine.
Contexts are kept in $XDG_CONFIG_HOME/loop/contexts.json, tokens with them, readable for you alone.`;

export function addContext(program: Command): void {
  const context = program
    .command('context')
    .description('loopds elsewhere, by name: address, token, authority')
    .addHelpText('after', EXAMPLES);
  addChanging(context);
  addShowing(context);
}

function addChanging(context: Command): void {
  context
    .command('add')
    .description('note a loopd elsewhere')
    .argument('<name>', 'what to call it')
    .requiredOption('--url <url>', 'where it is: https://loop.example:5679')
    .option('--token-file <file>', 'its token, read once and stored; loopctl login asks for it')
    .option('--ca <file>', 'certificate (PEM) of the authority that signs its certificate')
    .option('--insecure', 'let the token travel in clear: http to another machine')
    .action(async (name: string, _options: object, command: Command) => add(name, command.opts<AddOptions>()));
  context
    .command('use')
    .description('speak to it from now on')
    .argument('[name]', 'of a context')
    .option('--none', 'to the Loop of this machine')
    .action(async (name: string | undefined, { none }: { readonly none?: true }, command: Command) => {
      if ((name === undefined) !== (none === true))
        return command.error('error: either a name or --none', { exitCode: Exit.usage });
      return use(name);
    });
  context
    .command('remove')
    .description('forget it, and its token')
    .argument('<name...>', 'of contexts')
    .action(async (names: readonly string[]) => remove(names));
}

function addShowing(context: Command): void {
  context
    .command('list')
    .description('all contexts')
    .option('-o, --output <format>', 'table, wide, json, yaml or name', parseFormat, 'table')
    .action(async ({ output }: { readonly output: Format }) => list(output));
  context
    .command('show')
    .description('one context, or the one in force; never its token')
    .argument('[name]', 'of a context')
    .option('-o, --output <format>', 'text, json or yaml', choice(['text', 'json', 'yaml']), 'text')
    .action(async (name: string | undefined, { output }: { readonly output: string }, command: Command) =>
      show(name, output, command),
    );
}

async function add(name: string, { url, tokenFile, ca, insecure }: AddOptions): Promise<void> {
  const path = contextsPath(process.env);
  const contexts = await loadContexts(path);
  const checked = checkedUrl(url, insecure === true);
  if (contexts.byName.has(checkedName(name)))
    throw new ContextError('invalid', `There is a context "${name}" already.`, `loopctl context remove ${name}`);
  const token = tokenFile === undefined ? undefined : checkedToken(await readText(tokenFile));
  const authority = ca === undefined ? undefined : await readAuthority(ca);
  const context: Context = { url: checked, token, ca: authority, insecure };
  await saveContexts(path, withContext(contexts, name, context));
  const next = token === undefined ? `loopctl --context ${name} login stores its token; ` : '';
  note(`Added. ${next}loopctl context use ${name} speaks to it from now on.`);
}

async function use(name: string | undefined): Promise<void> {
  const path = contextsPath(process.env);
  const contexts = await loadContexts(path);
  const url = name === undefined ? 'this machine' : contextNamed(contexts, name).url;
  await saveContexts(path, { ...contexts, current: name });
  note(`loopctl speaks to ${url} now.`);
}

async function list(output: Format): Promise<void> {
  const { byName, current } = await loadContexts(contextsPath(process.env));
  const rows = [...byName].map(([name, context]) => shown(name, context, current));
  const empty = 'There are no contexts: loopctl login <url> makes one.';
  printListing({ rows, columns: COLUMNS, name: ({ name }) => name, empty }, output);
}

async function show(given: string | undefined, output: string, command: Command): Promise<void> {
  const contexts = await loadContexts(contextsPath(process.env));
  const { place } = choosePlace(command.optsWithGlobals<GlobalOptions>(), process.env);
  const name = given ?? (place.kind === 'context' ? place.name : contexts.current);
  if (name === undefined)
    throw new ContextError('unknown', 'There is no current context.', 'loopctl context list shows what there is.');
  const row = shown(name, contextNamed(contexts, name), contexts.current);
  if (output === 'json') return print(JSON.stringify(row, undefined, 2));
  if (output === 'yaml') return print(stringify(row).trimEnd());
  print(`${row.name}${row.current ? ' (current)' : ''}`);
  print(`  url        ${row.url}${row.insecure ? '  (in clear)' : ''}`);
  print(`  token      ${row.token}`);
  print(`  authority  ${row.authority}`);
}

async function remove(names: readonly string[]): Promise<void> {
  const path = contextsPath(process.env);
  const contexts = await loadContexts(path);
  for (const name of names) contextNamed(contexts, name);
  const left = names.reduce(withoutContext, contexts);
  await saveContexts(path, left);
  for (const name of names) note(`removed ${name}`);
  if (left.current !== contexts.current) note('It was the current one: loopctl speaks to this machine now.');
}

function shown(name: string, { url, token, ca, insecure }: Context, current: string | undefined): ShownContext {
  return {
    name,
    current: name === current,
    url,
    token: token === undefined ? 'missing' : 'stored',
    authority: ca === undefined ? 'the usual ones' : 'its own',
    insecure: insecure === true,
  };
}

/** PEM, checked. */
export async function readAuthority(file: string): Promise<string> {
  return checkedAuthority(await readText(file), file);
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ContextError('invalid', `The file ${file} cannot be read: ${said}.`, 'Check the path.', { cause });
  });
}
