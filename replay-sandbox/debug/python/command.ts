/** A Python service's command, taken apart where the debugger goes in. */
import type { ProgramFiles } from '../../launch/runtime/files.ts';
import { interpreterOf } from '../../launch/runtime/runtime.ts';
import { nameOf, unwrap } from '../../launch/runtime/wrappers.ts';
import type { DebuggedService } from '../debugger.ts';

export interface PythonCommand {
  /** The words that start the interpreter. */
  readonly interpreter: readonly string[];
  /** Its own options. */
  readonly options: readonly string[];
  /** Script, `-m module` or `-c code`, and what follows. */
  readonly program: readonly string[];
}

const PYTHON = /^(?:python|pypy)(?:\d+(?:\.\d+)*)?t?$/;
const VALUED = new Set(['-W', '-X', '--check-hash-based-pycs']);

/** Undefined: it does not say where its interpreter is. */
export function pythonCommand({ command, ...where }: DebuggedService, files: ProgramFiles): PythonCommand | undefined {
  const { before, words } = unwrap(command);
  const [program = '', ...rest] = words;
  if (PYTHON.test(nameOf(program))) return { interpreter: [...before, program], ...split(rest) };
  const file = files.find(program, where);
  const [interpreter, ...options] = (file === undefined ? undefined : interpreterOf(file, files)) ?? [];
  if (file !== undefined && interpreter !== undefined && PYTHON.test(nameOf(interpreter)))
    return { interpreter: [...before, interpreter], options, program: [file, ...rest] };
  // Where a version manager stands in for the script, or an environment has it that is not on the path, the module has the same name.
  const module = nameOf(program).replaceAll('-', '_');
  return {
    interpreter: [...before, before.length > 0 ? 'python' : 'python3'],
    options: [],
    program: ['-m', module, ...rest],
  };
}

function split(words: readonly string[]): Omit<PythonCommand, 'interpreter'> {
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-' || word === '-m' || word === '-c') break;
    at += VALUED.has(word) ? 2 : 1;
  }
  return { options: words.slice(0, at), program: words.slice(at) };
}
