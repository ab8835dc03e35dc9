/** `--env-file`: files of variables as dotenv writes them, read by Node's own parser: quotes, `export`, comments, several lines in quotes. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ReplayError } from '../replay-sandbox/error.ts';

/** Of all files, the later over the earlier. Throws ReplayError `bad-config` for one that cannot be read. */
export function readEnvFiles(files: readonly string[], directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(files.flatMap((file) => Object.entries(readEnvFile(resolve(directory, file)))));
}

function readEnvFile(path: string): Readonly<Record<string, string>> {
  try {
    // An empty file is one, too; its lines may end as they do on Windows.
    const parsed = parseEnv(readFileSync(path, 'utf8').replaceAll('\r\n', '\n'));
    return Object.fromEntries(
      Object.entries(parsed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ReplayError(
      'bad-config',
      `--env-file ${path} cannot be read: ${what}`,
      'Check its path and permissions.',
      { cause },
    );
  }
}
