/** Packages of Python, brought from the package index once and kept beside the other tools. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRoot, fillOnce } from '../../scripts/bootstrap/cache.mjs';
import { withLock } from '../../scripts/bootstrap/lock.mjs';
import { ask, progress, runQuietly } from '../../scripts/bootstrap/processes.mjs';

export interface PythonPackages {
  /** `grpcio-1.85.1`: of the folder in the cache. */
  readonly name: string;
  /** As pip takes them: `grpcio==1.85.1`. */
  readonly requirements: readonly string[];
  /** A module that is there when all are. */
  readonly module: string;
}

/** What to set PYTHONPATH to. Throws when this machine has no Python, or cannot reach the index the first time. */
export function pythonPath({ name, requirements, module }: PythonPackages): string {
  const python = ask('python3', ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'])?.trim();
  if (python === undefined) throw new Error('There is no python3 on this machine.');
  const folder = join(cacheRoot(process.env), `${name}-python${python}-${process.platform}-${process.arch}`);
  if (existsSync(folder)) return folder;
  const fill = (partial: string): void => {
    progress(`downloading ${name} for Python ${python} (once, into the cache)`);
    const flags = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--only-binary=:all:'];
    const args = ['-m', 'pip', 'install', ...flags, '--target', partial, ...requirements];
    const failure = runQuietly('python3', args, { env: { ...process.env, PIP_USER: '0' } });
    if (failure !== undefined || !existsSync(join(partial, module)))
      throw new Error(`${name} could not be brought (${failure ?? 'the package is empty'}).`);
  };
  // Two files at a time may want it: the second waits instead of bringing it again.
  withLock(cacheRoot(process.env), folder, () => fillOnce(folder, fill));
  return folder;
}
