/** `go run`, taken apart. https://pkg.go.dev/cmd/go */
import { nameOf, unwrap } from './wrappers.ts';

export interface GoRun {
  /** Wrappers that stay in front. */
  readonly before: readonly string[];
  /** The go command itself. */
  readonly go: string;
  /** Flags of the build, each with its value. */
  readonly flags: readonly (readonly string[])[];
  /** What is built: a package, or files of one. */
  readonly packages: readonly string[];
  /** The program's own words. */
  readonly words: readonly string[];
}

/** Flags whose value is the next word. */
const VALUED = new Set(
  '-C -p -asmflags -buildmode -compiler -gccgoflags -gcflags -exec -installsuffix -ldflags -mod -modfile -overlay -pgo -pkgdir -tags -toolexec -covermode -coverpkg'.split(
    ' ',
  ),
);

/** Undefined: the command is another. */
export function goRun(command: readonly string[]): GoRun | undefined {
  const { before, words } = unwrap(command);
  const [go = '', verb, ...rest] = words;
  if (nameOf(go) !== 'go' || verb !== 'run') return undefined;
  const flags: (readonly string[])[] = [];
  let at = 0;
  for (let length = 0; rest[at]?.startsWith('-') === true; at += length) {
    length = VALUED.has((rest[at] ?? '').replace(/^--/, '-')) ? 2 : 1;
    flags.push(rest.slice(at, at + length));
  }
  const after = rest.slice(at);
  // Files of one package stand together; a package stands alone.
  const files = after.findIndex((word) => !word.endsWith('.go'));
  const length = after[0]?.endsWith('.go') === true ? (files < 0 ? after.length : files) : 1;
  return { before, go, flags, packages: after.slice(0, length), words: after.slice(length) };
}

/** The name of a flag, and its value wherever it stands: `-exec x` and `--exec=x` are one. */
export function flagOf([first = '', second]: readonly string[]): readonly [string, string | undefined] {
  const [, name = '', value] = /^--?([^=]*)(?:=(.*))?$/s.exec(first) ?? [];
  return [name, value ?? second];
}
