/** debugpy for a person's Python: theirs, or one brought into our cache. */
import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ReplayError } from '../../error.ts';
import type { SearchPlace } from './files.ts';

const run = promisify(execFile);

/** Seconds go by where an environment is made first (`uv run`); minutes where the network is slow. */
const LOOK_MS = 60_000;
const INSTALL_MS = 180_000;
const FACTS = `import sys, sysconfig, importlib.util as u
print("%d.%d-%s" % (*sys.version_info[:2], sysconfig.get_platform()), bool(u.find_spec("debugpy")))`;

interface PythonPlace extends SearchPlace {
  /** Ends what is being asked or brought. */
  readonly interrupt?: AbortSignal | undefined;
}

/** What PYTHONPATH needs; undefined: the interpreter has debugpy. `interpreter`: the words that start it. Throws ReplayError `debugger`. */
export async function debugpyFor(
  interpreter: readonly string[],
  where: PythonPlace,
  cacheDirectory = join(homedir(), '.cache', 'loop', 'debugpy'),
): Promise<string | undefined> {
  const { stdout } = await python(interpreter, ['-c', FACTS], where, LOOK_MS).catch((cause: unknown) => {
    throw noPython(interpreter, cause);
  });
  const [kind = '', has] = stdout.trim().split('\n').at(-1)?.split(' ') ?? [];
  if (has === 'True') return undefined;
  const folder = join(cacheDirectory, kind);
  if (await exists(join(folder, 'debugpy'))) return folder;
  await bring(interpreter, where, folder, cacheDirectory);
  return folder;
}

async function bring(
  interpreter: readonly string[],
  where: PythonPlace,
  folder: string,
  cacheDirectory: string,
): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true });
  const partial = await mkdtemp(join(cacheDirectory, '.partial-'));
  const flags = ['--quiet', '--disable-pip-version-check', '--root-user-action=ignore', '--no-deps'];
  try {
    const words = ['-m', 'pip', 'install', ...flags, '--target', partial, 'debugpy'];
    await python(interpreter, words, { ...where, env: { ...where.env, PIP_USER: '0' } }, INSTALL_MS);
    await rename(partial, folder);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    // Another replay may have brought it meanwhile.
    if (!(await exists(join(folder, 'debugpy')))) throw noDebugpy(interpreter, cause);
  }
}

function python(
  [program = '', ...first]: readonly string[],
  words: readonly string[],
  { workingDirectory, env, interrupt }: PythonPlace,
  timeout: number,
): Promise<{ readonly stdout: string }> {
  return run(program, [...first, ...words], { cwd: workingDirectory, env, timeout, signal: interrupt });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function noPython(interpreter: readonly string[], cause: unknown): ReplayError {
  return new ReplayError(
    'debugger',
    `"${interpreter.join(' ')}" is no Python that starts here: ${lastLine(cause)}`,
    'Does the command work outside the sandbox? What else the service is written in says --debugger.',
    { cause },
  );
}

function noDebugpy(interpreter: readonly string[], cause: unknown): ReplayError {
  return new ReplayError(
    'debugger',
    `The service's Python has no debugpy, and it could not be brought: ${lastLine(cause)}`,
    `${interpreter.join(' ')} -m pip install debugpy`,
    { cause },
  );
}

function lastLine(cause: unknown): string {
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  return (said === '' ? String(cause instanceof Error ? cause.message : cause) : said).split('\n').at(-1) ?? '';
}
