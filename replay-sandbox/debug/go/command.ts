/** A Go service's command, taken apart where the debugger goes in. */
import { flagOf, goRun } from '../../launch/runtime/go-run.ts';
import { unwrap } from '../../launch/runtime/wrappers.ts';

export type GoCommand =
  /** `go run`: flags of the build and what is built, then the program's own words. */
  | {
      readonly kind: 'run';
      readonly before: readonly string[];
      readonly go: string;
      readonly build: readonly string[];
      readonly words: readonly string[];
    }
  | {
      readonly kind: 'program';
      readonly before: readonly string[];
      readonly program: string;
      readonly words: readonly string[];
    };

/** `-exec` starts the program in another one, where the debugger stands; it is built with the debugger's `-gcflags`. */
const DROPPED = new Set(['exec', 'gcflags']);

export function goCommand(command: readonly string[]): GoCommand {
  const run = goRun(command);
  if (run === undefined) {
    const { before, words } = unwrap(command);
    return { kind: 'program', before, program: words[0] ?? '', words: words.slice(1) };
  }
  const flags = run.flags.filter((flag) => !DROPPED.has(flagOf(flag)[0]));
  return { kind: 'run', before: run.before, go: run.go, build: [...flags.flat(), ...run.packages], words: run.words };
}
