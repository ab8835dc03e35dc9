/** Words in front of a service's own command. */

export interface Unwrapped {
  /** What stays in front: `uv run`, `env A=b`. */
  readonly before: readonly string[];
  readonly words: readonly string[];
}

/** Programs that run another one in an environment of a project, as `<program> run …`; with those of their options that take a value. */
const RUNNERS: Readonly<Record<string, ReadonlySet<string>>> = {
  uv: new Set(
    '--with --with-editable --with-requirements --python -p --project --directory --package --extra --group --env-file --index --index-url --cache-dir --config-file'.split(
      ' ',
    ),
  ),
  poetry: new Set(['--directory', '-C', '--project', '-P']),
  pipenv: new Set(),
  pdm: new Set(['--project', '-p', '--site-packages']),
  rye: new Set(),
};

/** Programs that only run another one. */
const PLAIN = new Set(['nohup', 'dumb-init', 'tini', 'exec', 'time', 'setsid']);

export function unwrap(command: readonly string[]): Unwrapped {
  const length = wrapperLength(command);
  if (length === 0) return { before: [], words: command };
  const inner = unwrap(command.slice(length));
  const before = [...command.slice(0, length), ...inner.before];
  return { before, words: inner.before.length === 0 ? asProgram(command[0], inner.words) : inner.words };
}

export function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}

/** How many words of it are a wrapper's; 0: none. */
function wrapperLength(command: readonly string[]): number {
  const [first = '', second] = command;
  const name = nameOf(first);
  if (name === 'env') return afterOptions(command, 1, new Set(['-u', '--unset', '-C', '--chdir']), /^\w+=/);
  if (PLAIN.has(name)) return afterOptions(command, 1, new Set());
  const valued = Object.hasOwn(RUNNERS, name) ? RUNNERS[name] : undefined;
  return valued !== undefined && second === 'run' ? afterOptions(command, 2, valued) : 0;
}

function afterOptions(words: readonly string[], from: number, valued: ReadonlySet<string>, also?: RegExp): number {
  let at = from;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (word === '--') return at + 1;
    if (word === '-m' || (!word.startsWith('-') && also?.test(word) !== true)) return at;
    at += valued.has(word) ? 2 : 1;
  }
  return at;
}

/** `uv run app.py` and `uv run -m app` mean Python. */
function asProgram(wrapper: string | undefined, words: readonly string[]): readonly string[] {
  const [first = ''] = words;
  const script = first.endsWith('.py') || first === '-m';
  return script && nameOf(wrapper ?? '') === 'uv' ? ['python', ...words] : words;
}
