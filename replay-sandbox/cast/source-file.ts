/** Whether a project has the file a breakpoint names. */
import { existsSync, readdirSync } from 'node:fs';
import { extname, isAbsolute, join } from 'node:path';
import type { RuntimeName } from '../launch/runtime/runtime.ts';

const LANGUAGES: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: ['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx'],
  python: ['.py', '.pyw'],
  go: ['.go'],
  java: ['.java', '.kt', '.kts', '.scala', '.groovy'],
  native: ['.c', '.h', '.cc', '.cpp', '.cxx', '.hpp', '.rs', '.zig'],
};

/** False for a file of another language; what is none of them (a template, say) may be of any. */
export function mayBeOf(file: string, runtime: RuntimeName): boolean {
  const extension = extname(file).toLowerCase();
  const known = Object.values(LANGUAGES).some((extensions) => extensions.includes(extension));
  return !known || LANGUAGES[runtime].includes(extension);
}

/** What is installed is looked at only by its whole path. */
const INSTALLED = new Set(['node_modules', '.git', '.venv', 'venv', '__pycache__']);
/** Directories. In a larger project a file is taken to be there. */
const MOST = 20_000;

/** `file`: a path, or the end of one. */
export function hasFile(file: string, projectDirectory: string, workingDirectory: string): boolean {
  if (isAbsolute(file)) return existsSync(file);
  const wanted = file.replace(/^\.\//, '');
  if ([workingDirectory, projectDirectory].some((directory) => existsSync(join(directory, wanted)))) return true;
  const waiting = [projectDirectory];
  for (let looked = 0; waiting.length > 0; looked += 1) {
    if (looked >= MOST) return true;
    const directory = waiting.shift() ?? projectDirectory;
    if (existsSync(join(directory, wanted))) return true;
    waiting.push(...directoriesIn(directory));
  }
  return false;
}

function directoriesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !INSTALLED.has(entry.name))
      .map(({ name }) => join(directory, name));
  } catch {
    return []; // It may not be read.
  }
}
