'use strict';
/** What this process starts loads the guest too, whatever environment it is given. */
const { ChildProcess } = require('node:child_process');
const { syncBuiltinESMExports } = require('node:module');
const threads = require('node:worker_threads');
const synchronous = process.binding('spawn_sync');

/** The system takes NODE_OPTIONS in whatever case. */
const CASE = process.platform === 'win32' ? 'i' : '';

/**
 * @param {string} guest path of main.cjs
 * @param {string} setting LOOP_PRELOAD of this process
 */
function turnChildren(guest, setting) {
  const keep = { option: `--require=${quoted(guest)}`, setting };
  ChildProcess.prototype.spawn = turnedSpawn(keep, ChildProcess.prototype.spawn);
  synchronous.spawn = turnedSpawn(keep, synchronous.spawn);
  threads.Worker = turnedWorker(keep, threads.Worker);
  if (process.execve !== undefined) process.execve = turnedExecve(keep, process.execve.bind(process));
  syncBuiltinESMExports();
}

function turnedSpawn(keep, plain) {
  return function spawn(options) {
    return plain.call(this, { ...options, envPairs: keptPairs(keep, options?.envPairs ?? []) });
  };
}

/** NODE_OPTIONS and LOOP_PRELOAD among lines of NAME=value. */
function keptPairs({ option, setting }, pairs) {
  const isOurs = new RegExp('^(?:NODE_OPTIONS|LOOP_PRELOAD)=', CASE);
  const given = pairs.find((pair) => new RegExp('^NODE_OPTIONS=', CASE).test(pair));
  const others = pairs.filter((pair) => !isOurs.test(pair));
  const options = withOption(option, given?.slice('NODE_OPTIONS='.length));
  return [...others, `NODE_OPTIONS=${options}`, `LOOP_PRELOAD=${setting}`];
}

function keptEnv({ option, setting }, env) {
  return { ...env, NODE_OPTIONS: withOption(option, env.NODE_OPTIONS), LOOP_PRELOAD: setting };
}

function withOption(option, given = '') {
  return String(given).includes(option) ? given : `${option} ${given}`.trim();
}

function turnedWorker(keep, Plain) {
  return class Worker extends Plain {
    constructor(file, options = {}) {
      const { env } = options ?? {};
      if (typeof env === 'object' && env !== null) super(file, { ...options, env: keptEnv(keep, env) });
      else {
        // A worker without an environment of its own takes this one, which the service may have changed.
        Object.assign(process.env, keptEnv(keep, { NODE_OPTIONS: process.env.NODE_OPTIONS }));
        super(file, options);
      }
    }
  };
}

function turnedExecve(keep, plain) {
  return function execve(file, words, env = process.env) {
    return plain(file, words, keptEnv(keep, env));
  };
}

/** As NODE_OPTIONS wants paths with spaces. */
function quoted(path) {
  return /\s/.test(path) ? `"${path.replaceAll('\\', '\\\\')}"` : path;
}

module.exports = { turnChildren };
