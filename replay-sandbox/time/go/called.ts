/**
 * Go programs that are built already: the sandbox's helper answers their calls (isolate/linux-namespaces/native/clock-calls.c). The wall clock
 * alone is moved so, and only in the program that is started first: pauses are not taken out, so nobody debugs it.
 */
import type { LaunchPart } from '../../launch/part.ts';
import { elfRuntime } from '../../launch/runtime/elf.ts';
import type { ProgramFiles } from '../../launch/runtime/files.ts';
import { realFiles } from '../../launch/runtime/files.ts';
import type { StartedCommand } from '../clock.ts';

export function isCalled(started: StartedCommand, files: ProgramFiles = realFiles): boolean {
  const [program = ''] = started.command;
  if (started.debuggedAs !== undefined || !/^(?:x64|arm64)$/.test(process.arch)) return false;
  const file = files.find(program, started);
  return file !== undefined && elfRuntime(file, files) === 'go';
}

/** One program to a line, as its command names it. */
export function calledClock(commands: readonly StartedCommand[]): LaunchPart {
  const programs = commands.filter((one) => isCalled(one)).map(({ command }) => command[0] ?? '');
  // Of two services that name theirs alike, one may be no Go program.
  const others = new Set(commands.filter((one) => !isCalled(one)).map(({ command }) => command[0]));
  const called = programs.filter((program) => !others.has(program));
  return called.length === 0 ? {} : { env: { LOOP_CLOCK_CALLS: called.join('\n') } };
}
