import type { Command } from 'commander';
import { parseCaptureIdPrefix } from '../../src/domain/capture.ts';
import { withApi } from '../connection.ts';
import { note } from '../output/format.ts';

export function addDelete(program: Command): void {
  program
    .command('delete')
    .description('remove loops, every byte of them, or a capture with what only it keeps')
    .argument('<id...>', 'ids, or the beginnings of ids')
    .action(async (prefixes: readonly string[], _options: object, command: Command) => {
      await withApi(command, async (api) => {
        const isCapture = (prefix: string): boolean => parseCaptureIdPrefix(prefix) !== undefined;
        const captures = await Promise.all(prefixes.filter(isCapture).map((prefix) => api.captures.resolve(prefix)));
        const ids = await Promise.all(
          prefixes.filter((prefix) => !isCapture(prefix)).map((prefix) => api.resolve(prefix)),
        );
        for (const id of captures)
          note(`deleted ${id} and ${await api.captures.delete(id)} loops that nothing else keeps`);
        for (const id of ids) {
          await api.delete(id);
          note(`deleted ${id}`);
        }
      });
    });
}
