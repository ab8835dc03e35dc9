/** Delve, and a Go program that is built for it. */
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { ReplayError } from '../../error.ts';
import type { ProgramFiles, SearchPlace } from './files.ts';
import { goBuild } from './go-build.ts';
import type { Building } from './kept-programs.ts';
import { keepProgram } from './kept-programs.ts';

const CACHE = join(homedir(), '.cache', 'loop');

/** On the path, where `go install` puts it, or in our cache. Throws ReplayError `debugger`. */
export function findDelve(where: SearchPlace, files: ProgramFiles): string {
  const { GOBIN, GOPATH } = where.env;
  const folders = [GOBIN, ...(GOPATH ?? '').split(':').map((path) => path && join(path, 'bin'))];
  const known = [...folders, join(homedir(), 'go', 'bin'), join(CACHE, 'delve')].filter((folder) => folder);
  const names = ['dlv', ...known.map((folder) => join(folder ?? '', 'dlv'))];
  const found = names.map((name) => files.find(name, where)).find((path) => path !== undefined);
  if (found !== undefined) return found;
  throw new ReplayError(
    'debugger',
    'Go services are debugged with delve, and there is no dlv on the path or in ~/go/bin.',
    'go install github.com/go-delve/delve/cmd/dlv@latest',
  );
}

/**
 * The program of `go run <flags> <packages>`, without optimizations, built outside the sandbox: there is neither a network for modules nor a
 * place for what the compiler keeps. Throws ReplayError `debugger` with what the compiler says.
 */
export async function buildForDelve(
  go: string,
  words: readonly string[],
  { workingDirectory, env }: SearchPlace,
  building?: Building,
): Promise<string> {
  // The compiler writes down the paths of sources as this says.
  const cwd = await realpath(workingDirectory);
  const where = { cwd, env: { ...env, PWD: cwd } };
  building?.progress('go builds the service for delve');
  return keepProgram(basename(cwd), async (output) => {
    const failed = await goBuild(go, ['-gcflags=all=-N -l', '-o', output, ...words], where, building?.interrupt);
    if (failed !== undefined) throw notBuilt(words, failed);
  });
}

function notBuilt(words: readonly string[], said: string): ReplayError {
  return new ReplayError(
    'debugger',
    `The service cannot be built for a debugger: ${said}`,
    `Does it build with: go build -gcflags='all=-N -l' ${words.join(' ')}`,
  );
}
