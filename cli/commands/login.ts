import type { Command } from 'commander';
import { createClient } from '../../src/api/client/client.ts';
import { clientOptions, type GlobalOptions } from '../connection.ts';
import { contextsPath, loadContexts, saveContexts } from '../contexts-file.ts';
import {
  checkedName,
  checkedToken,
  checkedUrl,
  ContextError,
  contextNamed,
  withContext,
  type Context,
  type Contexts,
} from '../contexts.ts';
import { note } from '../output/format.ts';
import { choosePlace } from '../place.ts';
import { readSecret } from '../secret-input.ts';
import { readAuthority } from './context.ts';

interface LoginOptions {
  readonly name?: string;
  readonly ca?: string;
  readonly insecure?: true;
}

const EXAMPLES = `
Examples:
  loopctl login https://loop.example:5679       asks for the token, checks it, and speaks to that loopd from now on
  loopctl login                                 a new token for the current context
  loopctl --context prod login                  a token for another
  loopctl login https://loop.example < token    from a pipe or a file

The token is one that somebody made (loopctl token create), or the line in the file "token" of the data directory of that loopd.`;

export function addLogin(program: Command): void {
  program
    .command('login')
    .description('store the token of a loopd elsewhere, once it is known to be right')
    .argument('[url]', 'address of the loopd; default: that of the context')
    .option('--name <name>', 'of the context that is made for the url; default: its host')
    .option('--ca <file>', 'certificate (PEM) of the authority that signs its certificate')
    .option('--insecure', 'let the token travel in clear: http to another machine')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string | undefined, options: LoginOptions, command: Command) => {
      const path = contextsPath(process.env);
      const contexts = await loadContexts(path);
      const target = url === undefined ? known(contexts, command) : await wanted(contexts, url, options);
      const typed = await readSecret(`Token for ${target.context.url}: `, process.stdin, process.stderr);
      if (typed === undefined)
        throw new ContextError('invalid', 'No token was given.', 'Type it at the prompt, or pipe it in.');
      const context = { ...target.context, token: checkedToken(typed) };
      await check(target.name, context);
      // Read again: a person may have taken minutes to find the token.
      const latest = withContext(await loadContexts(path), target.name, context);
      const current = url === undefined ? (latest.current ?? target.name) : target.name;
      await saveContexts(path, { ...latest, current });
      note(
        current === target.name
          ? `The token is right. loopctl speaks to ${context.url} now (context ${target.name}).`
          : `The token is right and stored for the context ${target.name}.`,
      );
    });
}

/** loopd's own hint says where its token is; that of the context would only lead here. */
async function check(name: string, context: Context): Promise<void> {
  const api = createClient({ ...clientOptions(name, context), tokenHint: undefined });
  await api.list({ purpose: 'failure', limit: 1 });
}

interface Target {
  readonly name: string;
  readonly context: Context;
}

function known(contexts: Contexts, command: Command): Target {
  const { place } = choosePlace(command.optsWithGlobals<GlobalOptions>(), process.env);
  const name = place.kind === 'context' ? place.name : contexts.current;
  if (name === undefined)
    throw new ContextError('unknown', 'There is no current context to log in to.', 'loopctl login <url>');
  return { name, context: contextNamed(contexts, name) };
}

/** The context of that url if there is one; else a new one. */
async function wanted({ byName }: Contexts, text: string, options: LoginOptions): Promise<Target> {
  const spelled = checkedUrl(text, true);
  const found = [...byName].find(([, { url }]) => url === spelled);
  const insecure = options.insecure === true || found?.[1].insecure === true;
  const url = checkedUrl(text, insecure);
  const name = checkedName(options.name ?? found?.[0] ?? hostOf(url));
  const former = byName.get(name);
  if (former !== undefined && former.url !== url)
    throw new ContextError(
      'invalid',
      `There is a context "${name}" already, for ${former.url}.`,
      `Give another name: loopctl login ${url} --name <name>`,
    );
  const ca = options.ca === undefined ? former?.ca : await readAuthority(options.ca);
  return { name, context: { url, ...(ca !== undefined && { ca }), ...(insecure && { insecure }) } };
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[:*|\]$/g, '').replace(/:+/g, '-');
}
