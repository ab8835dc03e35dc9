// @ts-check
// The first thing every npm script runs: brings what the task needs to a machine that has only Node ≥ 20, npm and
// python3 with pip, then starts the task under Node 24. Runs before anything is installed, so it is plain JavaScript
// that Node 20 understands and imports nothing but node: modules. Progress goes to stderr; stdout is the task's.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheRoot } from './bootstrap/cache.mjs';
import { ensureConsole } from './bootstrap/console.mjs';
import { ensureEnvoy } from './bootstrap/envoy.mjs';
import { SetupError } from './bootstrap/failure.mjs';
import { ensureModules } from './bootstrap/modules.mjs';
import { ensureNode, environmentFor } from './bootstrap/node.mjs';
import { runToEnd } from './bootstrap/processes.mjs';
import { ensureRedis } from './bootstrap/redis.mjs';
import { describeTasks, findTask } from './bootstrap/tasks.mjs';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {readonly string[]} argv */
async function main([name = '', ...args]) {
  const task = findTask(name);
  if (task === undefined) throw new SetupError(`There is no task "${name}"`, `choose one of: ${describeTasks()}.`);
  const cache = cacheRoot(process.env);
  const runtime = ensureNode({ cache, env: process.env });
  const env = environmentFor(runtime, process.env);
  ensureModules({ repository, cache, runtime, env });
  if (task.envoy) env['LOOP_ENVOY'] = ensureEnvoy({ cache, env });
  if (task.redis === true) env['LOOP_REDIS'] = ensureRedis({ cache, env });
  if (task.console === true) ensureConsole({ repository, cache, runtime, env });
  if (task.command === undefined) return 0;
  return runToEnd(runtime.node, task.command(repository, args), { env, cwd: task.cwd(repository, process.env) });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`Error: ${error.message}\nTry: ${error.hint}\n`);
  process.exitCode = 1;
}
