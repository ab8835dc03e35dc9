/** A Node service's command, so that its own process waits, and not the program that starts it. */
import { nameOf, unwrap } from '../../launch/runtime/wrappers.ts';
import type { LaunchPart } from '../../launch/part.ts';

const NODE = /^node(?:js)?$/;
/** Programs that start the service in a process of its own, by the folder of their package. */
const STARTERS =
  'npm|pnpm|yarn|corepack|nodemon|tsx|ts-node-dev|cross-env|dotenv-cli|env-cmd|concurrently|npm-run-all2?|turbo|nx|lerna|wait-on|@dotenvx\\/dotenvx';

export function waitingFor(command: readonly string[], port: number): LaunchPart {
  const { before, words } = unwrap(command);
  const [program = '', ...rest] = words;
  if (NODE.test(nameOf(program)))
    return { command: () => [...before, program, `--inspect-wait=127.0.0.1:${port}`, ...rest] };
  return { env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload(port))}` } };
}

/**
 * Runs before the first line of every Node process the command starts, and makes the first that is no package manager wait. (--inspect-wait in
 * NODE_OPTIONS would hold npm itself, which nobody wants to debug.)
 */
function preload(port: number): string {
  return `import inspector from 'node:inspector';
import { isMainThread } from 'node:worker_threads';
import { realpathSync } from 'node:fs';
const script = () => { try { return realpathSync(process.argv[1]); } catch { return process.argv[1] ?? ''; } };
const starter = /[\\/](?:node_modules|corepack|cache)[\\/](?:.*[\\/])?(?:${STARTERS})[\\/]|[\\/](?:yarn|pnpm|npm|npx)[^\\/]*\\.c?js$/;
if (isMainThread && process.env.LOOP_INSPECTED === undefined && process.argv[1] !== undefined && !starter.test(script())) {
  process.env.LOOP_INSPECTED = String(process.pid);
  inspector.open(${port}, '127.0.0.1');
  inspector.waitForDebugger();
}`;
}
