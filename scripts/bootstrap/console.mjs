// @ts-check
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './failure.mjs';
import { withLock } from './lock.mjs';
import { progress, runQuietly } from './processes.mjs';

/** What the console is made of: files, and folders with all that is in them. */
const SOURCES = [
  'console/src',
  'console/support-button',
  'console/public',
  'console/index.html',
  'console/vite.config.ts',
  'console/tsconfig.json',
  'src/domain',
  'src/api/contract',
  'src/api/client',
  'src/seal/view-schema.ts',
  'scripts/build',
  'package-lock.json',
];

/**
 * Builds console/dist when there is none or a source is newer.
 * @param {{ repository: string, cache: string, runtime: import('./node.mjs').Runtime, env: NodeJS.ProcessEnv }} options
 */
export function ensureConsole({ repository, cache, runtime, env }) {
  if (isCurrent(repository)) return;
  withLock(cache, `${repository} console`, () => {
    if (!isCurrent(repository)) build(repository, runtime, env);
  });
}

/** @param {string} repository */
function stampOf(repository) {
  return join(repository, 'console', 'dist', '.built');
}

/** @param {string} repository */
function isCurrent(repository) {
  const stamp = stampOf(repository);
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return SOURCES.flatMap((source) => filesIn(join(repository, source))).every(
    (file) => statSync(file).mtimeMs <= built,
  );
}

/**
 * Also the folders themselves: a file that was taken away is a change too.
 * @param {string} path
 * @returns {readonly string[]}
 */
function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path, { encoding: 'utf8', recursive: true }).map((name) => join(path, name))];
}

/**
 * @param {string} repository
 * @param {import('./node.mjs').Runtime} runtime
 * @param {NodeJS.ProcessEnv} env
 */
function build(repository, runtime, env) {
  progress('building the console');
  const began = new Date();
  const failure = runQuietly(runtime.node, [join(repository, 'scripts', 'build', 'console.ts')], {
    env,
    cwd: repository,
  });
  if (failure !== undefined) {
    throw new SetupError(
      `The console could not be built (${failure}; the bundler's own words are above)`,
      'mend what it names.',
    );
  }
  // Of when it began: what is edited while it is built is newer.
  writeFileSync(stampOf(repository), '');
  utimesSync(stampOf(repository), began, began);
}
