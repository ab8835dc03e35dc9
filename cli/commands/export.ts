import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { withApi } from '../connection.ts';
import { note, print } from '../output/format.ts';

interface ExportOptions {
  readonly output?: string;
  readonly open?: true;
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write a loop to a .loop file, sealed unless told otherwise')
    .argument('<id>', 'id, or the beginning of one')
    .option('-o, --output <file>', 'default: <id>.loop')
    .option('--open', 'without the seal: whoever has the file can read every secret in it')
    .action(async (prefix: string, options: ExportOptions, command: Command) => {
      const { id, bytes } = await withApi(command, async (api) => {
        const found = await api.resolve(prefix);
        return { id: found, bytes: await api.recording(found, { open: options.open === true }) };
      });
      const file = options.output ?? `${id}.loop`;
      await writeFile(file, bytes, { mode: 0o600 });
      if (options.open === true) note('The file is not sealed: treat it as you treat production data.');
      print(file);
    });
}
