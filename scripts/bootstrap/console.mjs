// @ts-check
import { existsSync, globSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './failure.mjs';
import { withLock } from './lock.mjs';
import { progress, runQuietly } from './processes.mjs';

/** What the console is made of. */
const SOURCES = [
  'console/{src,support-button,public}/**/*',
  'console/*.{html,ts,json}',
  'src/{domain,api/contract,api/client}/**/*.ts',
  'src/seal/view-schema.ts',
  'scripts/build/console*.ts',
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
  return globSync(SOURCES, { cwd: repository }).every((file) => statSync(join(repository, file)).mtimeMs <= built);
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
