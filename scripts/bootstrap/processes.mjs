// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';

/** @param {string} text */
export function progress(text) {
  process.stderr.write(`loop: ${text}\n`);
}

/**
 * Runs a set-up command. Its output goes to stderr, since stdout belongs to the task.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string }} options
 * @returns {string | undefined} what went wrong, or nothing
 */
export function runQuietly(command, args, options) {
  const { error, status, signal } = spawnSync(command, args, { ...options, stdio: ['ignore', 2, 2] });
  if (error !== undefined) return error.message;
  if (signal !== null) return `ended by ${signal}`;
  return status === 0 ? undefined : `exit code ${status}`;
}

/**
 * Asks a program for a line of text, such as its version.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {string | undefined} its stdout, or nothing when it cannot run
 */
export function ask(command, args) {
  const { error, status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return error === undefined && status === 0 ? stdout : undefined;
}

/**
 * Runs the task in the foreground.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd: string }} options
 * @returns {Promise<number>} its exit code, the shell's 128 + n when a signal ended it
 */
export function runToEnd(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: 'inherit' });
  // Ctrl-C on a terminal reaches the whole process group: passing it on would deliver it twice.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  });
}
