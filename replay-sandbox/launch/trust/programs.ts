/** Where a program lies that a command names. */
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** Who looks for authorities, and from where. */
export interface Lookout {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly projectDirectory: string;
  readonly homeDirectory: string;
}

/** As a shell finds it; undefined when there is none. */
export function whichProgram(name: string, { env, workingDirectory }: Lookout): string | undefined {
  if (name.includes('/')) return executable(isAbsolute(name) ? name : resolve(workingDirectory, name));
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    const found = directory === '' ? undefined : executable(join(directory, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** Where a link leads; undefined when nothing is there. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** What is in a directory, as paths; nothing when it cannot be read. */
export function listed(directory: string): readonly string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}
