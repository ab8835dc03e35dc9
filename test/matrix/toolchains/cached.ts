/** What is brought or built once, by what it is made of, outside git. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheRoot, fillOnce } from '../../../scripts/bootstrap/cache.mjs';
import { withLock } from '../../../scripts/bootstrap/lock.mjs';
import { progress, runQuietly } from '../../../scripts/bootstrap/processes.mjs';

/** The folder `<name>-<digest of parts>` of the cache; `fill` makes it and says what went wrong. Throws then. */
export function cached(name: string, parts: readonly string[], fill: (partial: string) => string | undefined): string {
  const digest = createHash('sha256').update(JSON.stringify([process.platform, process.arch, ...parts]));
  const folder = join(cacheRoot(process.env), 'matrix', `${name}-${digest.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  progress(`making ${name} for the matrix (once, into the cache)`);
  // Two files at a time may want the same one: the second waits instead of making it again.
  withLock(cacheRoot(process.env), folder, () =>
    fillOnce(folder, (partial) => {
      const failure = fill(partial);
      if (failure !== undefined) throw new Error(`${name} could not be made: ${failure}`);
    }),
  );
  return folder;
}

/** Names and texts of the files that a pattern finds, in order. */
export function texts(directory: string, ...patterns: readonly string[]): readonly string[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: directory })).toSorted();
  return files.flatMap((file) => [basename(file), readFileSync(join(directory, file), 'utf8')]);
}

/** Runs it to its end; what went wrong. */
export function run(
  command: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string | undefined {
  const [program = '', ...words] = command;
  const failure = runQuietly(program, words, { cwd, env: { ...process.env, ...env } });
  return failure === undefined ? undefined : `${program} ${words[0] ?? ''}: ${failure}`;
}
