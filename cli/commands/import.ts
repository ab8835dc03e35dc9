import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ApiError } from '../../src/api/error.ts';
import { withApi } from '../connection.ts';
import { print } from '../output/format.ts';

export function addImport(program: Command): void {
  program
    .command('import')
    .description('take a .loop file in')
    .argument('<file>', 'made by loopctl export')
    .action(async (file: string, _options: object, command: Command) => {
      const bytes = await readLoopFile(file);
      const summary = await withApi(command, (api) => api.import(bytes));
      print(summary.id);
    });
}

export async function readLoopFile(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw new ApiError(
      'invalid',
      `The file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Check the path.',
      { cause: error },
    );
  });
}
