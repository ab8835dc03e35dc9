/** The files of a project that a breakpoint's file can mean, for debuggers that want whole paths. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

export interface SourcePlace {
  readonly workingDirectory: string;
  readonly projectDirectory: string;
}

/** What is not the project's own. */
const PASSED_BY = new Set(['node_modules', '.git', '.venv', 'venv', '__pycache__', '.tox', 'dist', 'build', 'target']);
/** Folders looked at: a home directory taken for a project must not be walked for minutes. */
const MOST_FOLDERS = 5000;

/** Absolute paths, links followed; none when there is no such file. `file` is a path, or the end of one. */
export function sourcesOf(file: string, { workingDirectory, projectDirectory }: SourcePlace): readonly string[] {
  if (isAbsolute(file)) return existsSync(file) ? [realpathSync(file)] : [];
  const direct = [workingDirectory, projectDirectory].map((folder) => resolve(folder, file)).filter(existsSync);
  const found = direct.length > 0 ? direct.slice(0, 1) : filesEnding(projectDirectory, file.replace(/^(?:\.?\/)+/, ''));
  return [...new Set(found.map((path) => realpathSync(path)))];
}

/** The lines of a file; none when it cannot be read. */
export function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function filesEnding(root: string, tail: string): readonly string[] {
  const folders = [root];
  const found: string[] = [];
  for (let index = 0; index < Math.min(folders.length, MOST_FOLDERS); index += 1) {
    const folder = folders[index] ?? root;
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !PASSED_BY.has(entry.name)) folders.push(path);
      else if (entry.isFile() && path.endsWith(`/${tail}`)) found.push(path);
    }
  }
  return found;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
