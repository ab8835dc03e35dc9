/** Commands that build a Go program and run it: they get a runtime that knows the clock. */
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { nameOf, unwrap } from '../../launch/runtime/wrappers.ts';
import type { LaunchPart } from '../../launch/part.ts';
import type { StartedCommand } from '../clock.ts';
import { writeGoOverlay } from './overlay.ts';

const run = promisify(execFile);

/** A runtime that is new is built with everything above it: a minute on a small machine, once. */
const BUILD_MS = 600_000;

const GO_ENV = z.object({ GOROOT: z.string(), GOFLAGS: z.string(), GOVERSION: z.string() });

export interface GoClock {
  readonly part: LaunchPart;
  readonly limits: readonly string[];
}

export const NO_GO: GoClock = { part: {}, limits: [] };

/** The words of `go run`, behind it; undefined: the command is another. */
export function goRun({ command }: Pick<StartedCommand, 'command'>): readonly string[] | undefined {
  const [program = '', verb, ...words] = unwrap(command).words;
  return nameOf(program) === 'go' && verb === 'run' ? words : undefined;
}

/**
 * `go run` becomes the program it would build, built out here: the sandbox has no place for what the compiler keeps. A debugger builds it
 * in its own way, and finds the overlay in the environment. No line of the service runs meanwhile.
 */
export async function prepareGo(started: StartedCommand, directory: string, debugged: boolean): Promise<GoClock> {
  const words = goRun(started);
  if (words === undefined) return NO_GO;
  const [program = 'go'] = unwrap(started.command).words;
  const options = { cwd: started.workingDirectory, env: started.env, timeout: BUILD_MS };
  const said = await run(program, ['env', '-json'], options).catch(() => undefined);
  if (said === undefined) return NO_GO;
  const { GOROOT, GOFLAGS, GOVERSION } = GO_ENV.parse(JSON.parse(said.stdout));
  if (GOFLAGS.includes('-overlay')) return unmoved('GOFLAGS has an overlay of its own');
  const overlay = writeGoOverlay(GOROOT, directory);
  if (overlay === undefined) return unmoved(`the runtime of ${GOVERSION} is not one of those that are known`);
  const flag = `-overlay=${overlay}`;
  const all = GOFLAGS === '' ? flag : `${GOFLAGS} ${flag}`;
  // What the service's environment holds already, the launch puts in front.
  if (debugged) return { part: { env: { GOFLAGS: (started.env['GOFLAGS'] ?? '') === '' ? all : flag } }, limits: [] };
  const cut = packagesEnd(words);
  const built = join(await mkdtemp(join(dirname(overlay), 'run-')), 'service');
  const build = ['build', '-o', built, ...words.slice(0, cut)];
  const failed = await run(program, build, { ...options, env: { ...started.env, GOFLAGS: all } }).catch(saidWhy);
  if (typeof failed === 'string') return unmoved(failed);
  return { part: { command: (command) => replaced(command, started, [built, ...words.slice(cut)]) }, limits: [] };
}

function saidWhy(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return `it could not be built for it (${text.trim().split('\n')[0]})`;
}

/** Of several services each has a command of its own. */
function replaced(
  command: readonly string[],
  { command: own }: StartedCommand,
  by: readonly string[],
): readonly string[] {
  const { before } = unwrap(own);
  const same = command.length === own.length && command.every((word, index) => word === own[index]);
  return same ? [...before, ...by] : command;
}

function unmoved(why: string): GoClock {
  return { part: {}, limits: [`The Go program has the real time: ${why}.`] };
}

/** Behind the flags and the packages, where the program's own words begin. Flags that take their value as a word are not known. */
function packagesEnd(words: readonly string[]): number {
  const from = words.findIndex((word) => !word.startsWith('-'));
  if (from < 0) return words.length;
  const files = words.slice(from).findIndex((word) => !word.endsWith('.go'));
  return files < 0 ? words.length : from + Math.max(files, 1);
}
