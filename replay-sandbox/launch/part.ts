/** What one concern of a replay (trust, the clock, a debugger) asks of the service's launch; several are put together. */

/** Variables that hold several things, and what stands between them. Everybody's words are kept. */
const LISTS: Readonly<Record<string, string>> = {
  NODE_OPTIONS: ' ',
  JAVA_TOOL_OPTIONS: ' ',
  GOFLAGS: ' ',
  PYTHONPATH: ':',
  LD_PRELOAD: ':',
};

export interface LaunchPart {
  readonly env?: Readonly<Record<string, string>>;
  /** The command in another form; the parts are asked in order. */
  readonly command?: (command: readonly string[]) => readonly string[];
}

/** The environment of all parts; of two that set the same variable the later wins, where it is no list. */
export function joinEnvironment(
  base: Readonly<Record<string, string>>,
  parts: readonly LaunchPart[],
): Readonly<Record<string, string>> {
  const joined: Record<string, string> = { ...base };
  for (const [name, value] of parts.flatMap(({ env = {} }) => Object.entries(env))) {
    const between = LISTS[name];
    const before = joined[name];
    joined[name] = between === undefined || before === undefined || before === '' ? value : before + between + value;
  }
  return joined;
}

export function joinCommand(command: readonly string[], parts: readonly LaunchPart[]): readonly string[] {
  return parts.reduce((known, part) => part.command?.(known) ?? known, command);
}
