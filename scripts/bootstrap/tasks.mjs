// @ts-check
import { join } from 'node:path';

/**
 * @typedef {object} Task
 * @property {boolean} envoy whether the task starts a real Envoy
 * @property {boolean} [redis] whether the task starts a real Redis server
 * @property {boolean} [console] whether the task serves the console
 * @property {((repository: string, args: readonly string[]) => string[]) | undefined} command arguments for Node 24
 * @property {(repository: string, env: NodeJS.ProcessEnv) => string} cwd
 */

/** @type {(repository: string) => string} */
const inRepository = (repository) => repository;

/**
 * npm runs scripts in the package's folder, but loopctl works on the project of the person who typed the command.
 * @param {string} repository
 * @param {NodeJS.ProcessEnv} env
 */
export function whereTyped(repository, env) {
  // A stale INIT_CWD may be inherited from an outer npm script: it is ours only when npm started this very script.
  return env['npm_lifecycle_event'] === 'loopctl' ? (env['INIT_CWD'] ?? repository) : process.cwd();
}

/**
 * @param {string} file
 * @param {...string} before
 * @returns {(repository: string, args: readonly string[]) => string[]}
 */
const script =
  (file, ...before) =>
  (repository, args) => [join(repository, file), ...before, ...args];

/** @type {Readonly<Record<string, Task>>} */
const TASKS = {
  setup: { envoy: true, redis: true, console: true, command: undefined, cwd: inRepository },
  demo: { envoy: true, redis: true, console: true, command: script('cli/main.ts', 'demo'), cwd: inRepository },
  test: {
    envoy: true,
    redis: true,
    console: true,
    command: script('node_modules/vitest/vitest.mjs', 'run'),
    cwd: inRepository,
  },
  screenshots: {
    envoy: true,
    redis: true,
    console: true,
    command: script('test/screenshots/main.ts'),
    cwd: inRepository,
  },
  check: { envoy: false, command: script('scripts/check/main.ts'), cwd: inRepository },
  format: { envoy: false, command: script('node_modules/oxfmt/bin/oxfmt'), cwd: inRepository },
  build: { envoy: false, command: script('scripts/build/main.ts'), cwd: inRepository },
  'bench:soak': { envoy: true, redis: true, command: script('bench/soak.ts'), cwd: inRepository },
  'bench:outage': { envoy: false, command: script('bench/outage.ts'), cwd: inRepository },
  'bench:console': { envoy: false, console: true, command: script('bench/console.ts'), cwd: inRepository },
  'bench:answers': { envoy: true, command: script('bench/answers/main.ts'), cwd: inRepository },
  'table:attribution': { envoy: true, redis: true, command: script('bench/attribution.ts'), cwd: inRepository },
  'table:pool': { envoy: true, command: script('bench/pool.ts'), cwd: inRepository },
  'bench:envoy': { envoy: true, command: script('bench/envoy.ts'), cwd: inRepository },
  'bench:harm': { envoy: true, command: script('bench/harm.ts'), cwd: inRepository },
  'bench:one-connection': { envoy: true, command: script('bench/one-connection.ts'), cwd: inRepository },
  'matrix:protocols': { envoy: true, redis: true, command: script('test/matrix/main.ts'), cwd: inRepository },
  'matrix:runtimes': { envoy: true, redis: true, command: script('test/runtimes/main.ts'), cwd: inRepository },
  fuzz: { envoy: false, command: script('bench/fuzz.ts'), cwd: inRepository },
  'bench:history': { envoy: false, command: script('bench/history.ts'), cwd: inRepository },
  'bench:ingest': { envoy: false, command: script('bench/ingest.ts'), cwd: inRepository },
  'bench:flat': { envoy: false, command: script('bench/flat.ts'), cwd: inRepository },
  'bench:recorder': { envoy: false, command: script('bench/recorder.ts'), cwd: inRepository },
  'bench:memory': { envoy: true, command: script('bench/memory/main.ts'), cwd: inRepository },
  'bench:plot': { envoy: false, command: script('bench/plot.ts'), cwd: inRepository },
  'bench:replay': { envoy: false, command: script('bench/replay.ts'), cwd: inRepository },
  'bench:replay-repeat': { envoy: false, command: script('bench/replay-repeat.ts'), cwd: inRepository },
  loopctl: { envoy: false, console: true, command: script('cli/main.ts'), cwd: whereTyped },
  loopd: { envoy: false, console: true, command: script('src/daemon/main.ts'), cwd: inRepository },
};

/**
 * @param {string} name
 * @returns {Task | undefined}
 */
export function findTask(name) {
  return Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
}

export function describeTasks() {
  return Object.keys(TASKS).join(', ');
}
