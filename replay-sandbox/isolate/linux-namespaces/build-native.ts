import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ownDirectory } from '../../own-directory.ts';
import { IsolationError } from '../isolation-error.ts';

const run = promisify(execFile);

export const NATIVE_DIRECTORY = fileURLToPath(new URL('./native/', import.meta.url));

/** A program of ours, in C. */
export interface NativeSource {
  /** Holds all of it, and nothing else that ends in .c or .h. */
  readonly directory: string;
  /** What it includes from elsewhere. */
  readonly includes?: readonly string[];
  /** Of the file that is built; the rest of its name tells the machine and the sources. */
  readonly name: string;
  /** For the compiler, before and behind the sources. */
  readonly flags?: readonly string[];
  readonly libraries?: readonly string[];
}

const HELPER: NativeSource = {
  directory: NATIVE_DIRECTORY,
  name: 'loop-isolate',
  includes: [fileURLToPath(new URL('../../time/native/clock.h', import.meta.url))],
};

export interface BuildOptions {
  /** Kept from run to run. When it cannot be written, the helper is built for this process only. */
  readonly cacheDirectory: string;
  /** Tried in order. */
  readonly compilers: readonly string[];
}

export const NATIVE_BUILD: BuildOptions = {
  cacheDirectory: join(homedir(), '.cache', 'loop', 'native'),
  compilers: ['cc', 'gcc', 'clang'],
};

/** Programs that could not be cached, by the path they would have: built once per process, and removed when it ends. */
const uncached = new Map<string, string>();

/** The path of the program, compiled if its sources have not been yet. Throws `no-compiler`. */
export async function buildNative(
  { cacheDirectory, compilers }: BuildOptions,
  source: NativeSource = HELPER,
): Promise<string> {
  const sources = [...(await nativeSources(source.directory)), ...(source.includes ?? [])];
  const name = `${source.name}-${process.arch}-${await hashOf(source, sources)}`;
  const cached = join(cacheDirectory, name);
  if (await isExecutable(cached)) return cached;
  const kept = uncached.get(cached);
  if (kept !== undefined && (await isExecutable(kept))) return kept;
  const directory = await workDirectory(cacheDirectory);
  const built = join(directory, name);
  try {
    await compile(compilers, source, sources, built);
    // A rename, so that two replays that start together never see half a program.
    await rename(built, cached);
  } catch (error) {
    // Across file systems, or into a cache that cannot be written: then this one is used where it is.
    if (await isExecutable(built)) {
      uncached.set(cached, built);
      process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
      return built;
    }
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
  await rm(directory, { recursive: true, force: true });
  return cached;
}

async function nativeSources(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => /\.[ch]$/.test(name));
  return names.toSorted().map((name) => join(directory, name));
}

async function hashOf({ flags, libraries }: NativeSource, sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([flags, libraries]));
  for (const source of sources) hash.update(await readFile(source));
  return hash.digest('hex').slice(0, 16);
}

async function workDirectory(cacheDirectory: string): Promise<string> {
  try {
    await mkdir(cacheDirectory, { recursive: true });
    return await mkdtemp(join(cacheDirectory, '.build-'));
  } catch {
    return ownDirectory('native');
  }
}

async function compile(
  compilers: readonly string[],
  { flags = [], libraries = [] }: NativeSource,
  sources: readonly string[],
  output: string,
): Promise<void> {
  const units = sources.filter((source) => source.endsWith('.c'));
  for (const compiler of compilers) {
    try {
      await run(compiler, ['-O2', ...flags, '-o', output, ...units, ...libraries]);
      return;
    } catch (error) {
      if (!isMissing(error)) throw compileFailure(compiler, error);
    }
  }
  throw new IsolationError(
    'no-compiler',
    `The sandbox needs a small C program to be compiled once, and there is no C compiler (looked for ${compilers.join(', ')}).`,
    'Install one, with the C headers: apt-get install gcc libc6-dev, dnf install gcc, or apk add gcc musl-dev linux-headers.',
  );
}

function compileFailure(compiler: string, error: unknown): IsolationError {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  const first = output.split('\n').find((line) => line.includes('error')) ?? 'it gave no reason';
  return new IsolationError(
    'no-compiler',
    `${compiler} could not compile the sandbox's helper: ${first.trim()}`,
    'Install the C headers beside the compiler: apt-get install libc6-dev, or apk add musl-dev linux-headers.',
    { cause: error },
  );
}

/** EACCES is what a search says when the PATH holds a directory that is closed to this user, as after `su`. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
