/** Commands that build a Go program and run it: they get a runtime that knows the clock. */
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ReplayError } from '../../error.ts';
import { NATIVE_BUILD } from '../../isolate/linux-namespaces/build-native.ts';
import type { LaunchPart } from '../../launch/part.ts';
import { goBuild } from '../../launch/runtime/go-build.ts';
import type { GoRun } from '../../launch/runtime/go-run.ts';
import { flagOf, goRun } from '../../launch/runtime/go-run.ts';
import type { Building } from '../../launch/runtime/kept-programs.ts';
import { keepProgram } from '../../launch/runtime/kept-programs.ts';
import type { StartedCommand } from '../clock.ts';
import { writeGoOverlay } from './overlay.ts';

const run = promisify(execFile);

/** Go may fetch the version the project asks for. */
const TOOLCHAIN_MS = 300_000;

const GO_ENV = z.object({ GOROOT: z.string(), GOFLAGS: z.string(), GOVERSION: z.string() });
type GoEnvironment = z.infer<typeof GO_ENV>;

export interface GoClock {
  readonly part: LaunchPart;
  readonly limits: readonly string[];
}

export interface GoRequest {
  readonly building: Building;
  /** Holds the overlays. */
  readonly overlays?: string;
  /** Holds what is built; by default that of all Go programs. */
  readonly programs?: string;
}

const NO_GO: GoClock = { part: {}, limits: [] };

/**
 * `go run` becomes the program it would build, built out here: the sandbox has no place for what the compiler keeps. A debugger finds the
 * overlay in the environment. No line of the service runs meanwhile. Throws ReplayError `not-built` with what the compiler says, and `interrupted`.
 */
export async function prepareGo(started: StartedCommand, request: GoRequest): Promise<GoClock> {
  const found = goRun(started.command);
  if (found === undefined) return NO_GO;
  const known = await goEnvironment(found.go, started, request.building.interrupt);
  if (known === undefined) return NO_GO; // There is no Go: the start of the service will say so.
  const { GOROOT, GOFLAGS, GOVERSION } = known;
  if (GOFLAGS.includes('-overlay') || found.flags.some((flag) => flagOf(flag)[0] === 'overlay'))
    return unmoved('it is built with an overlay of its own');
  const overlay = writeGoOverlay(GOROOT, request.overlays ?? NATIVE_BUILD.cacheDirectory);
  if (overlay === undefined) return unmoved(`the runtime of ${GOVERSION} is not one of those that are known`);
  const flag = `-overlay=${overlay}`;
  const all = GOFLAGS === '' ? flag : `${GOFLAGS} ${flag}`;
  // What the service's environment holds already, the launch puts in front.
  // A debugger builds it in its own way.
  if (started.debuggedAs !== undefined)
    return { part: { env: { GOFLAGS: (started.env['GOFLAGS'] ?? '') === '' ? all : flag } }, limits: [] };
  const env = { ...started.env, GOFLAGS: all };
  request.building.progress(`${GOVERSION} builds the service with the recorded clock; --clock real does without`);
  try {
    const program = await built(found, { ...started, env }, request);
    return { part: { command: (command) => replaced(command, started, runOf(found, program)) }, limits: [] };
  } catch (error) {
    if (error instanceof RuntimeNotBuilt) return unmoved(`the runtime of ${GOVERSION} cannot be built with it`);
    throw error;
  }
}

async function goEnvironment(
  go: string,
  { workingDirectory, env }: StartedCommand,
  signal: AbortSignal | undefined,
): Promise<GoEnvironment | undefined> {
  const options = { cwd: workingDirectory, env, timeout: TOOLCHAIN_MS, signal };
  const said = await run(go, ['env', '-json'], options).catch(() => undefined);
  if (said === undefined) return undefined;
  return environmentIn(said.stdout);
}

/** Undefined: a wrapper of Go says more than Go does. */
function environmentIn(stdout: string): GoEnvironment | undefined {
  try {
    return GO_ENV.safeParse(JSON.parse(stdout)).data;
  } catch {
    return undefined;
  }
}

/** Of the person's program there is nothing to say: what was changed does not fit. */
class RuntimeNotBuilt extends Error {}

/** Flags of `go run` that `go build` does not know. */
const OF_RUN = new Set(['exec']);

function built(found: GoRun, { workingDirectory: cwd, env }: StartedCommand, request: GoRequest): Promise<string> {
  const words = [...found.flags.filter((flag) => !OF_RUN.has(flagOf(flag)[0])).flat(), ...found.packages];
  const build = async (output: string): Promise<void> => {
    // Where there is a -C, it has to be the first flag.
    const [chdir, rest] = flagOf(words)[0] === 'C' ? splitFlag(words) : [[], words];
    const all = [...chdir, '-o', output, ...rest];
    const failed = await goBuild(found.go, all, { cwd, env }, request.building.interrupt);
    if (failed === undefined) return;
    if (/^# runtime$/m.test(failed)) throw new RuntimeNotBuilt();
    throw new ReplayError(
      'not-built',
      `The service cannot be built: ${failed}`,
      `Does it build with: go build ${words.join(' ')}`,
    );
  };
  return keepProgram(basename(cwd), build, request.programs);
}

function splitFlag(words: readonly string[]): readonly [readonly string[], readonly string[]] {
  const length = words[0]?.includes('=') === true ? 1 : 2;
  return [words.slice(0, length), words.slice(length)];
}

/** As `go run` starts it: in the directory of -C, by the program of -exec. */
function runOf({ before, flags, words }: GoRun, program: string): readonly string[] {
  const values = new Map(flags.map((flag) => flagOf(flag)));
  const directory = values.get('C');
  const chdir = directory === undefined ? [] : ['sh', '-c', 'cd "$0" && exec "$@"', directory];
  const by = (values.get('exec') ?? '').split(/\s+/).filter((word) => word !== '');
  return [...before, ...chdir, ...by, program, ...words];
}

/** Of several services each has a command of its own. */
function replaced(
  command: readonly string[],
  { command: own }: StartedCommand,
  by: readonly string[],
): readonly string[] {
  const same = command.length === own.length && command.every((word, index) => word === own[index]);
  return same ? by : command;
}

function unmoved(why: string): GoClock {
  return { part: {}, limits: [`The Go program has the real time: ${why}.`] };
}
