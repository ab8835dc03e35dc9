/** What of a service does not see the moved clock. */
import { statSync } from 'node:fs';
import { elfRuntime } from '../launch/runtime/elf.ts';
import type { ProgramFiles } from '../launch/runtime/files.ts';
import { realFiles } from '../launch/runtime/files.ts';
import { goRun } from '../launch/runtime/go-run.ts';
import { interpreterOf, runtimeOf } from '../launch/runtime/runtime.ts';
import { nameOf, unwrap } from '../launch/runtime/wrappers.ts';
import type { StartedCommand } from './clock.ts';
import { calledPrograms } from './go/called.ts';
import { loaderOf } from './loader.ts';

export const REAL_LIMIT = 'The service has the present time, and its own timers go on while a debugger holds it.';

const MOVED_LIMITS = [
  'Files are dated by the present time.',
  'Timers that wait in the kernel (timerfd, setitimer, a futex called directly) go on while a debugger holds the service.',
];

const PYTHON_LIMIT =
  'Python waits by the clock it debugs with: its own timers go on while a debugger holds the service.';

const CALLED_LIMIT =
  'Of a Go program that is already built the wall clock is moved, by answering its calls; what it starts in turn, if built so too, keeps the real time.';

/** Programs that start what somebody else has written down. */
const STARTERS = /^(?:sh|bash|dash|ash|zsh|ksh|busybox|make|just|task|docker-entrypoint\.sh)$/;

/** One sentence each. */
export function clockLimits(commands: readonly StartedCommand[], files: ProgramFiles = realFiles): readonly string[] {
  const called = calledPrograms(commands, files);
  const own = commands.flatMap((started) =>
    called.has(started.command[0] ?? '') ? CALLED_LIMIT : (programLimit(started, files) ?? []),
  );
  const python = commands.some((started) => debugsPython(started, files)) ? [PYTHON_LIMIT] : [];
  return [...new Set([...MOVED_LIMITS, ...python, ...own])];
}

function debugsPython(started: StartedCommand, files: ProgramFiles): boolean {
  const { debuggedAs } = started;
  if (debuggedAs === undefined || debuggedAs !== 'as-told') return debuggedAs === 'python';
  return runtimeOf(started.command, started, files) === 'python';
}

function programLimit(started: StartedCommand, files: ProgramFiles): string | undefined {
  const { words } = unwrap(started.command);
  const [program = ''] = words;
  const file = files.find(program, started);
  if (file === undefined || goRun(started.command) !== undefined) return undefined;
  const name = nameOf(program);
  // A known runtime may stand behind a script of its version manager.
  if (STARTERS.test(name) || (isShellScript(file, files) && runtimeOf(started.command, started, files) === undefined))
    return `What ${name} starts was not looked at: programs that are built already by Go, or linked statically, keep the real time.`;
  return elfLimit(name, file, files);
}

function isShellScript(file: string, files: ProgramFiles): boolean {
  const [interpreter = ''] = interpreterOf(file, files) ?? [];
  return STARTERS.test(nameOf(interpreter));
}

function elfLimit(name: string, file: string, files: ProgramFiles): string | undefined {
  if (elfRuntime(file, files) === 'go' && name !== 'dlv')
    return `${name} is a Go program that is already built: it keeps the real time. Use go run, or --clock real.`;
  const loader = loaderOf(file, files);
  if (loader === 'none') return `${name} is linked statically: it keeps the real time.`;
  if (loader?.includes('ld-musl') === true && !isMuslHere())
    return `${name} is built for musl, and this machine's C library is another: it keeps the real time.`;
  if (loader !== undefined && takesRights(file)) return `${name} is set-user-id: it keeps the real time.`;
  return undefined;
}

/** Of such a program the loader ignores LD_PRELOAD. */
function takesRights(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && (found.mode & 0o6000) !== 0;
}

function isMuslHere(): boolean {
  const { header } = process.report.getReport() as { readonly header: object };
  return !('glibcVersionRuntime' in header);
}
