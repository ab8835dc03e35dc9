import type { Command } from 'commander';
import { withApi } from '../connection.ts';
import { note } from '../output/format.ts';

export function addDelete(program: Command): void {
  program
    .command('delete')
    .description('remove loops, every byte of them')
    .argument('<id...>', 'ids, or the beginnings of ids')
    .action(async (prefixes: readonly string[], _options: object, command: Command) => {
      await withApi(command, async (api) => {
        const ids = await Promise.all(prefixes.map((prefix) => api.resolve(prefix)));
        for (const id of ids) {
          await api.delete(id);
          note(`deleted ${id}`);
        }
      });
    });
}
