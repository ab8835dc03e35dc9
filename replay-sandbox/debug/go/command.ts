/** A Go service's command, taken apart where the debugger goes in. */
import { nameOf, unwrap } from '../../launch/runtime/wrappers.ts';

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

/** Flags of `go build` whose value is the next word. */
const VALUED = new Set(
  '-C -p -asmflags -buildmode -compiler -gccgoflags -installsuffix -ldflags -mod -modfile -overlay -pgo -pkgdir -tags -toolexec -covermode -coverpkg'.split(
    ' ',
  ),
);

export function goCommand(command: readonly string[]): GoCommand {
  const { before, words } = unwrap(command);
  const [program = '', verb, ...rest] = words;
  if (nameOf(program) !== 'go' || verb !== 'run') return { kind: 'program', before, program, words: words.slice(1) };
  const [flags, after] = splitFlags(rest);
  // Files of one package stand together; a package stands alone.
  const files = after.findIndex((word) => !word.endsWith('.go'));
  const length = after[0]?.endsWith('.go') === true ? (files < 0 ? after.length : files) : 1;
  return { kind: 'run', before, go: program, build: [...flags, ...after.slice(0, length)], words: after.slice(length) };
}

function splitFlags(words: readonly string[]): readonly [readonly string[], readonly string[]] {
  const flags: string[] = [];
  let at = 0;
  while (at < words.length && words[at]?.startsWith('-') === true) {
    const length = VALUED.has(words[at] ?? '') ? 2 : 1;
    // `-exec` starts the program in another one: the debugger stands there.
    if (!/^--?(?:exec|gcflags)(?:=|$)/.test(words[at] ?? '')) flags.push(...words.slice(at, at + length));
    at += /^--?(?:exec|gcflags)$/.test(words[at] ?? '') ? 2 : length;
  }
  return [flags, words.slice(at)];
}
