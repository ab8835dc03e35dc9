/** The file of contexts. It holds tokens: nobody else may read it, and it is never half written. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ContextError, NO_CONTEXTS, parseContexts, printContexts, type Contexts } from './contexts.ts';

/** More is no list of addresses and tokens. */
const MOST_BYTES = 4 * 1024 * 1024;

/** `$XDG_CONFIG_HOME/loop/contexts.json`; relative values are ignored, as the XDG base directory specification asks. */
export function contextsPath(environment: Readonly<Record<string, string | undefined>>): string {
  const configured = environment['XDG_CONFIG_HOME'];
  const home = configured?.startsWith('/') === true ? configured : join(homedir(), '.config');
  return join(home, 'loop', 'contexts.json');
}

/** None when there is no file. Rejects with ContextError `exposed`, `damaged` or `unusable`. */
export async function loadContexts(path: string): Promise<Contexts> {
  const text = await attempt(path, async () => readPrivate(path));
  return text === undefined ? NO_CONTEXTS : parseContexts(text, path);
}

/** Replaces the file in one step. Rejects with ContextError `exposed` or `unusable`. */
export async function saveContexts(path: string, contexts: Contexts): Promise<void> {
  await attempt(path, async () => {
    const directory = dirname(path);
    // Two steps, not `recursive`: that spins for ever where nothing can be made, such as below /proc (seen with Node 24).
    for (const missing of [dirname(directory), directory]) await makePrivate(missing);
    await refuseOthers(path);
    const draft = join(directory, `.contexts.${randomUUID()}`);
    try {
      await writeDurably(draft, printContexts(contexts));
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
  });
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readPrivate(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    // Of the opened file, so that what was checked is what is read.
    const { mode, size } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new ContextError(
        'exposed',
        `Others may read the tokens in ${path} (mode ${octal(mode)}).`,
        `Run: chmod 600 ${path}; and have new tokens made if others were about.`,
      );
    await refuseOthers(path);
    if (size > MOST_BYTES)
      throw new ContextError('damaged', `${path} has ${size} bytes: it is no file of contexts.`, 'Move it away.');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function makePrivate(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

/** Whoever may write into the directory can put another file in its place, with another address for the same token. */
async function refuseOthers(path: string): Promise<void> {
  const directory = dirname(path);
  const { mode } = await stat(directory);
  if ((mode & 0o022) !== 0)
    throw new ContextError(
      'exposed',
      `Others may replace ${path}: its directory has mode ${octal(mode)}.`,
      `Run: chmod 700 ${directory}`,
    );
}

async function attempt<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof ContextError) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    const hint = 'Check the directory, or name another with XDG_CONFIG_HOME.';
    throw new ContextError('unusable', `The file of contexts ${path} cannot be used: ${said}.`, hint, { cause });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
