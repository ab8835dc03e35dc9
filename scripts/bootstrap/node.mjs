// @ts-check
import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fillOnce } from './cache.mjs';
import { SetupError } from './failure.mjs';
import { progress, runQuietly } from './processes.mjs';

/**
 * Runs TypeScript by type stripping and has zstd; better-sqlite3 crashes on Node 20. Before 24.9 an HTTP server loses the body of a request
 * that offers an upgrade it does not take (`shouldUpgradeCallback`), as Java's clients do.
 */
const NODE_MAJOR = 24;
const NODE_MINOR = 9;

/**
 * @typedef {object} Runtime
 * @property {string} node the Node to run everything with
 * @property {string | undefined} npm npm's own script, for that Node; nothing: `npm` of the PATH
 * @property {string | undefined} bin a folder to put first on the PATH
 */

/** @param {string} version like v24.11.0 */
export function isNewEnough(version) {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)\.\d+/.exec(version) ?? [];
  return Number(major) > NODE_MAJOR || (Number(major) === NODE_MAJOR && Number(minor) >= NODE_MINOR);
}

/**
 * The registry's `node` is a stub whose install script fetches one of these, and newer npm versions do not run
 * install scripts by themselves. So on Linux we take the one we need directly.
 * @param {string} platform
 * @param {string} arch
 */
export function nodePackage(platform, arch) {
  return platform === 'linux' ? `node-linux-${arch}@${NODE_MAJOR}` : `node@${NODE_MAJOR}`;
}

/**
 * @param {{ cache: string, env: NodeJS.ProcessEnv, version?: string }} options
 * @returns {Runtime}
 */
export function ensureNode({ cache, env, version = process.version }) {
  if (isNewEnough(version)) return { node: process.execPath, npm: runningNpm(env), bin: undefined };
  const folder = join(cache, `node-${NODE_MAJOR}-${process.platform}-${process.arch}`);
  fillOnce(folder, (partial) => installNode(partial, env, version));
  const bin = join(folder, 'node_modules', '.bin');
  return { node: join(bin, 'node'), npm: join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'), bin };
}

/**
 * Node from the registry comes without npm, and the system's npm may be tied to the system's Node (Debian's is), so
 * npm 11, the one that ships with Node 24, comes along.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {string} version
 */
function installNode(folder, env, version) {
  progress(`installing Node ${NODE_MAJOR} beside your ${version} (once, into the cache)`);
  const npm = npmCommand(env);
  const flags = ['--no-audit', '--no-fund', '--no-save', '--global=false', '--loglevel=error'];
  const packages = [nodePackage(process.platform, process.arch), 'npm@11'];
  const failure = runQuietly(npm.command, [...npm.args, 'install', '--prefix', folder, ...flags, ...packages], { env });
  if (failure === undefined && existsSync(join(folder, 'node_modules', '.bin', 'node'))) return;
  throw new SetupError(
    `Loop needs Node ${NODE_MAJOR}.${NODE_MINOR} or newer, this is ${version}, and npm could not install it (${failure ?? 'no binary came'})`,
    `check that the npm registry can be reached (${npm.command} ping), or put Node ${NODE_MAJOR} first on your PATH.`,
  );
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
function runningNpm(env) {
  const path = env['npm_execpath'];
  // pnpm and yarn set the same variable, but only npm reads package-lock.json.
  return path !== undefined && basename(path) === 'npm-cli.js' ? path : undefined;
}

/** @param {NodeJS.ProcessEnv} env */
function npmCommand(env) {
  const npm = runningNpm(env);
  return npm === undefined ? { command: 'npm', args: [] } : { command: process.execPath, args: [npm] };
}

/**
 * The environment under which npm and everything it starts find the same Node.
 * @param {Runtime} runtime
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(runtime, env) {
  const own = { NODE: runtime.node, npm_node_execpath: runtime.node, npm_execpath: runtime.npm };
  return { ...env, ...own, PATH: pathFor(runtime, env['PATH'] ?? '') };
}

/**
 * @param {Runtime} runtime
 * @param {string} path
 */
function pathFor({ node, bin }, path) {
  if (bin !== undefined) return [bin, path].join(delimiter);
  const first = path
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .find((file) => existsSync(file));
  // Leave the order alone where `node` is this Node already: other tools may share its folder.
  return first !== undefined && realpathSync(first) === realpathSync(node)
    ? path
    : [dirname(node), path].join(delimiter);
}
