/**
 * Go programs that are built already: the sandbox's helper answers their calls (isolate/linux-namespaces/native/clock-calls.c). The wall clock
 * alone is moved so, and only in the program that is started first: pauses are not taken out, so nobody debugs it.
 */
import type { LaunchPart } from '../../launch/part.ts';
import { elfRuntime } from '../../launch/runtime/elf.ts';
import type { ProgramFiles } from '../../launch/runtime/files.ts';
import { realFiles } from '../../launch/runtime/files.ts';
import type { StartedCommand } from '../clock.ts';

/** Those programs, as their commands name them. Of two services that name theirs alike, one may be no Go program: then it is neither. */
export function calledPrograms(
  commands: readonly StartedCommand[],
  files: ProgramFiles = realFiles,
): ReadonlySet<string> {
  const others = new Set(commands.filter((one) => !canBeCalled(one, files)).map(({ command }) => command[0]));
  return new Set(commands.map(({ command }) => command[0] ?? '').filter((program) => !others.has(program)));
}

function canBeCalled({ command, debuggedAs, ...where }: StartedCommand, files: ProgramFiles): boolean {
  if (debuggedAs !== undefined || !/^(?:x64|arm64)$/.test(process.arch)) return false;
  const file = files.find(command[0] ?? '', where);
  return file !== undefined && elfRuntime(file, files) === 'go';
}

/** One program to a line. */
export function calledClock(commands: readonly StartedCommand[]): LaunchPart {
  const programs = [...calledPrograms(commands)];
  return programs.length === 0 ? {} : { env: { LOOP_CLOCK_CALLS: programs.join('\n') } };
}
