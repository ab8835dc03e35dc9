/** What a service is written in, as its command tells: by its words, through wrappers, and by the file it names. */
import { elfRuntime } from './elf.ts';
import type { ProgramFiles, SearchPlace } from './files.ts';
import { realFiles } from './files.ts';
import { nameOf, unwrap } from './wrappers.ts';

export type RuntimeName = 'node' | 'python' | 'go' | 'java' | 'native';

/** Programs by name. Those that a version manager stands in for with a shell script are here too. */
const NAMES: readonly (readonly [RegExp, RuntimeName])[] = [
  [/^(?:node|nodejs|npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack|tsx|ts-node|nodemon)$/, 'node'],
  [/^(?:python|pypy)(?:\d+(?:\.\d+)*)?t?$/, 'python'],
  [/^(?:gunicorn|uvicorn|hypercorn|daphne|flask|celery|fastapi|django-admin)$/, 'python'],
  [/^dlv$/, 'go'],
  [/^(?:java|mvnd?|mvnw|gradlew?|kotlin|scala)$/, 'java'],
];

const FIRST_LINES = 512;

/** Undefined: it does not tell (a shell script, say, or a language without a debugger here). */
export function runtimeOf(
  command: readonly string[],
  where: SearchPlace,
  files: ProgramFiles = realFiles,
): RuntimeName | undefined {
  const { words } = unwrap(command);
  const [program = '', first] = words;
  const named = byName(program);
  if (named !== undefined) return named;
  if (nameOf(program) === 'go') return first === 'run' ? 'go' : undefined;
  const file = files.find(program, where);
  if (file === undefined) return undefined;
  const [interpreter] = interpreterOf(file, files) ?? [];
  return interpreter === undefined ? elfRuntime(file, files) : byName(interpreter);
}

function byName(program: string): RuntimeName | undefined {
  const name = nameOf(program);
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

/** The words of a script's first line, without `env`; undefined: it is no script. */
export function interpreterOf(file: string, files: ProgramFiles): readonly string[] | undefined {
  const text = Buffer.from(files.read(file, 0, FIRST_LINES)).toString('utf8');
  if (!text.startsWith('#!')) return undefined;
  const [line = '', second = ''] = text.slice(2).split('\n');
  // What pip writes where the interpreter's path is too long for a first line, or has a space.
  const [, long] = /^'''exec' "?([^"\n]+?)"? "\$0"/.exec(second) ?? [];
  if (long !== undefined) return [long];
  const words = line.trim().split(/\s+/);
  return nameOf(words[0] ?? '') === 'env' ? words.slice(1).filter((word) => !/^-|^\w+=/.test(word)) : words;
}
