/** What of a service does not see the moved clock. */
import { elfRuntime } from '../launch/runtime/elf.ts';
import type { ProgramFiles } from '../launch/runtime/files.ts';
import { realFiles } from '../launch/runtime/files.ts';
import { nameOf, unwrap } from '../launch/runtime/wrappers.ts';
import type { StartedCommand } from './clock.ts';
import { goRun } from './go/go-command.ts';
import { loaderOf } from './loader.ts';

export const REAL_LIMIT = 'The service has the present time, and its own timers go on while a debugger holds it.';

const MOVED_LIMITS = [
  'Files are dated by the present time.',
  'Timers that wait in the kernel (timerfd, setitimer, a futex called directly) go on while a debugger holds the service.',
];

/** One sentence each. */
export function clockLimits(commands: readonly StartedCommand[], files = realFiles): readonly string[] {
  return [...MOVED_LIMITS, ...commands.flatMap((started) => programLimit(started, files) ?? [])];
}

function programLimit(started: StartedCommand, files: ProgramFiles): string | undefined {
  const { words } = unwrap(started.command);
  const [program = ''] = words;
  const file = files.find(program, started);
  if (file === undefined || goRun(started) !== undefined) return undefined;
  const name = nameOf(program);
  if (elfRuntime(file, files) === 'go' && name !== 'dlv')
    return `${name} is a Go program that is already built: it keeps the real time. Use go run, or --clock real.`;
  const loader = loaderOf(file, files);
  if (loader === 'none') return `${name} is linked statically: it keeps the real time.`;
  if (loader?.includes('ld-musl') === true && !isMuslHere())
    return `${name} is built for musl, and this machine's C library is another: it keeps the real time.`;
  return undefined;
}

function isMuslHere(): boolean {
  const { header } = process.report.getReport() as { readonly header: object };
  return !('glibcVersionRuntime' in header);
}
