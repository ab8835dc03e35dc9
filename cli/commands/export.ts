import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import { ApiError } from '../../src/api/error.ts';
import type { LoopApi } from '../../src/api/port.ts';
import { version } from '../../src/daemon/version.ts';
import { harOf } from '../../src/har/har.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { withApi } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { choice } from '../options.ts';
import { note, print } from '../output/format.ts';

const FORMATS = ['loop', 'har'] as const;

interface ExportOptions {
  readonly format: (typeof FORMATS)[number];
  readonly file?: string;
  readonly output?: string;
  readonly open?: true;
}

const EXAMPLES = `
Examples:
  loopctl export 3f9k                          3f9k….loop, for another Loop with the same key
  loopctl export 3f9k --open -f case-7.loop    for a machine without the key: as secret as production
  loopctl export 3f9k --format har             3f9k….har: what "show" shows, for browsers and HTTP tools
  loopctl export 3f9k --format har -f - | jq '.log.entries[].request.url'`;

export function addExport(program: Command): void {
  program
    .command('export')
    .description('write a loop to a file: a .loop file, sealed unless told otherwise, or a redacted HTTP archive')
    .argument('<id>', 'id, or the beginning of one')
    .option('--format <format>', 'loop or har (HTTP Archive 1.2)', choice(FORMATS), 'loop')
    .option('-f, --file <file>', 'default: <id>.loop or <id>.har; "-" is standard output')
    .addOption(new Option('-o, --output <file>', 'the same as --file').hideHelp())
    .option('--open', 'without the seal: whoever has the file can read every secret in it')
    .addHelpText('after', EXAMPLES)
    .action(async (prefix: string, options: ExportOptions, command: Command) => {
      const open = options.open === true;
      if (open && options.format === 'har')
        return command.error('error: an HTTP archive is always redacted; --open is for the format "loop"', {
          exitCode: Exit.usage,
        });
      const { id, bytes } = await withApi(command, async (api) => {
        const found = await api.resolve(prefix);
        const read = options.format === 'har' ? harBytes(await api.show(found)) : api.recording(found, { open });
        return { id: found, bytes: await read };
      });
      await give(bytes, options.file ?? options.output ?? `${id}.${options.format}`);
      if (open) note('The file is not sealed: treat it as you treat production data.');
    });
}

function harBytes({ summary, view: text }: Awaited<ReturnType<LoopApi['show']>>): Uint8Array {
  const view = parseLoopView(text);
  if (view === undefined)
    throw new ApiError(
      'corrupt',
      `The view of loop ${summary.id} cannot be read by this version.`,
      'Upgrade loopctl, or delete the loop.',
    );
  return Buffer.from(`${JSON.stringify(harOf(view, version()), undefined, 2)}\n`);
}

/** Prints where it is, unless it is on standard output itself. */
async function give(bytes: Uint8Array, file: string): Promise<void> {
  if (file === '-') {
    await new Promise<void>((resolve) => process.stdout.write(bytes, () => resolve()));
    return;
  }
  await writeFile(file, bytes, { mode: 0o600 }).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ApiError('failed', `The file ${file} cannot be written: ${said}.`, 'Name another with --file.', {
      cause,
    });
  });
  print(file);
}
