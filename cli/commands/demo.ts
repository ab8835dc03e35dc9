import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ApiError } from '../../src/api/error.ts';
import type { GlobalOptions } from '../connection.ts';
import { runDemo } from '../demo/run.ts';
import { serveDemo } from '../demo/serve.ts';
import { Exit } from '../exit-codes.ts';
import { interruptible } from '../interrupt.ts';
import { count } from '../options.ts';
import { note, print } from '../output/format.ts';

interface DemoOptions {
  readonly json?: true;
  readonly serve?: true;
  readonly requests: number;
  readonly rate: number;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'the whole thing on this machine: a shop behind Envoy sidecars, a failure among its traffic, its replay at a breakpoint',
    )
    .option('--json', 'one JSON object at the end, nothing else on standard output')
    .option('--serve', 'leave it all running, with its console and a little traffic, until Ctrl-C')
    .option('--requests <n>', 'requests to send', count(1, 100_000), 300)
    .option('--rate <n>', 'requests a second', count(1, 1_000), 30)
    .action(async (options: DemoOptions, command: Command) => {
      const envoyPath = await programNamedBy('LOOP_ENVOY', 'an Envoy', 'an Envoy 1.40');
      const redisPath = await programNamedBy('LOOP_REDIS', 'a Redis server', 'a redis-server or valkey-server');
      const data =
        command.optsWithGlobals<GlobalOptions>().data ?? process.env['LOOP_DATA'] ?? join(homedir(), '.loop-demo');
      // With --json standard output belongs to the one object.
      const say = options.json === true ? note : print;
      const stage = { envoyPath, redisPath, data: resolve(data), say };
      if (options.serve === true) return interruptible((signal) => serveDemo(stage, signal));
      const result = await runDemo({ ...stage, requests: options.requests, perSecond: options.rate });
      if (options.json === true) print(JSON.stringify(result));
      if (result.replay.outcome !== 'reproduced') process.exitCode = Exit.differs;
    });
}

/** The path in a variable that `npm run demo` sets. */
async function programNamedBy(variable: string, what: string, which: string): Promise<string> {
  const path = process.env[variable];
  if (path === undefined)
    throw new ApiError(
      'invalid',
      `The demo needs ${what}, and ${variable} names none.`,
      'npm run demo, which brings one.',
    );
  await access(path, constants.X_OK).catch((cause: unknown) => {
    const hint = `npm run demo, which brings one; or set ${variable} to ${which}.`;
    throw new ApiError('invalid', `${variable} names ${path}, which is no program.`, hint, { cause });
  });
  return path;
}
