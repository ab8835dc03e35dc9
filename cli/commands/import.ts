import { open, readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ApiError } from '../../src/api/error.ts';
import { withApi } from '../connection.ts';
import { print } from '../output/format.ts';

const EXAMPLES = `
Examples:
  loopctl import 3f9k2m4n5p6q.loop
  ssh ops loopctl export 3f9k --open -f - | loopctl import -
  loopctl import --restore 3f9k2m4n5p6q.loop     although somebody whom it shows was erased here

All of a file is taken in, or nothing of it. What it says of itself is not believed: it is read and redacted again here.`;

export function addImport(program: Command): void {
  program
    .command('import')
    .description('take a .loop file in')
    .argument('<file>', 'made by loopctl export; "-" is standard input')
    .option('--restore', 'take it in although it shows somebody who was erased here; audited')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, { restore = false }: { readonly restore?: boolean }, command: Command) => {
      await using source = await openLoopFile(file);
      const summary = await withApi(command, (api) => api.import(source.pieces, { restore }));
      print(summary.id);
    });
}

interface OpenedFile extends AsyncDisposable {
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** In pieces: who takes them in may refuse the first ones. */
async function openLoopFile(file: string): Promise<OpenedFile> {
  if (file === '-') return { pieces: process.stdin, [Symbol.asyncDispose]: async () => undefined };
  const handle = await open(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  if (!(await handle.stat()).isDirectory())
    return {
      pieces: handle.createReadStream({ autoClose: false }),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  await handle.close();
  throw unreadable(file, new Error('it is a directory'));
}

export async function readLoopFile(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
}

function unreadable(file: string, cause: unknown): ApiError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new ApiError('invalid', `The file ${file} cannot be read: ${said}.`, 'Check the path.', { cause });
}
