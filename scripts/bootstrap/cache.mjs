// @ts-check
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { SetupError } from './failure.mjs';

/**
 * Where downloads are kept, outside git, so that a second clone needs no network.
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheRoot(env) {
  if (env['LOOP_CACHE']) return resolve(env['LOOP_CACHE']);
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'loop');
}

/**
 * Fills a folder of the cache once. The work happens in a folder beside it that is renamed at the end, so that an
 * interrupted or a parallel download never leaves half a tool behind.
 * @param {string} folder
 * @param {(partial: string) => void} fill
 */
export function fillOnce(folder, fill) {
  if (existsSync(folder)) return;
  const partial = makePartial(folder);
  try {
    fill(partial);
    moveIntoPlace(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/**
 * Makes a folder of the cache.
 * @param {string} folder
 */
export function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new SetupError(
      `Cannot make the cache folder ${folder} (${/** @type {Error} */ (error).message})`,
      'set LOOP_CACHE to a folder that you may write to.',
    );
  }
}

/** @param {string} folder */
function makePartial(folder) {
  makeFolder(dirname(folder));
  const partial = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  // A cache may be shared (LOOP_CACHE=/opt/…), and tests start servers as other users.
  chmodSync(partial, 0o755);
  return partial;
}

/**
 * @param {string} partial
 * @param {string} folder
 */
function moveIntoPlace(partial, folder) {
  try {
    renameSync(partial, folder);
  } catch (error) {
    // Somebody else finished the same download first: theirs is as good as ours.
    if (!existsSync(folder)) throw error;
  }
}
