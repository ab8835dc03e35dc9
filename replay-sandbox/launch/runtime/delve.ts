/** Delve, and a Go program that is built for it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { ReplayError } from '../../error.ts';
import type { ProgramFiles, SearchPlace } from './files.ts';

const run = promisify(execFile);

const BUILD_MS = 600_000;
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
  go: readonly string[],
  words: readonly string[],
  { workingDirectory, env }: SearchPlace,
  cacheDirectory = join(CACHE, 'go'),
): Promise<string> {
  await mkdir(cacheDirectory, { recursive: true });
  const partial = await mkdtemp(join(cacheDirectory, '.partial-'));
  const built = join(partial, 'service');
  const [program = 'go', ...first] = go;
  // The compiler writes down the paths of sources as this says.
  const cwd = await realpath(workingDirectory);
  try {
    const build = [...first, 'build', '-gcflags=all=-N -l', '-o', built, ...words];
    await run(program, build, { cwd, env: { ...env, PWD: cwd }, timeout: BUILD_MS });
    // By what is in it: two replays at once use one, and neither sees half of it.
    const kept = join(cacheDirectory, `${basename(cwd)}-${await digest(built)}`);
    await rename(built, kept);
    return kept;
  } catch (cause) {
    throw notBuilt(words, cause);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex').slice(0, 16);
}

function notBuilt(words: readonly string[], cause: unknown): ReplayError {
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
  return new ReplayError(
    'debugger',
    `The service cannot be built for a debugger: ${said.split('\n').slice(0, 10).join('\n')}`,
    `Does it build with: go build -gcflags='all=-N -l' ${words.join(' ')}`,
    { cause },
  );
}
