import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the build left the files of the page (scripts/build), absolute; undefined where there is none. */
export function consoleDirectory(): string | undefined {
  const directory = join(import.meta.dirname, '..', '..', 'console', 'dist');
  return existsSync(join(directory, 'index.html')) ? directory : undefined;
}
