/** Saves of the files that a person edits. */
import type { FSWatcher } from 'node:fs';
import { readdirSync, watch } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What builds, tests, package managers and the replay itself write, and nobody edits. */
const IGNORED: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.vscode',
  '.idea',
  '.run',
  'target',
  'build',
  'dist',
  'out',
  'coverage',
  '.next',
  '.gradle',
  '.mypy_cache',
  '.cache',
  '__pycache__',
  '.venv',
  'venv',
  '.pytest_cache',
]);
/** Editors write beside the file, and move; services write logs, and databases of one file. */
const PASSING = /~$|\.sw[a-z]$|^\.#|^4913$|\.(?:loop|log|pid|tmp|pyc|class|o|sqlite3?|db)(?:-(?:wal|shm|journal))?$/;

/** `file`: relative to the project. */
function isWatched(file: string): boolean {
  const names = file.split(sep);
  return !names.some((name) => IGNORED.has(name)) && !PASSING.test(names.at(-1) ?? '');
}

/** Tells every save below a directory, by its path in it. What is ignored is not even opened: node_modules is larger than what a system watches. */
export class WatchedFiles {
  readonly #root: string;
  readonly #saved: (file: string) => void;
  readonly #failed: (error: Error) => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(root: string, on: { readonly saved: (file: string) => void; readonly failed: (error: Error) => void }) {
    this.#root = root;
    this.#saved = on.saved;
    this.#failed = on.failed;
    this.#watch(root);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(directory: string): void {
    if (this.#watchers.has(directory)) return;
    try {
      const watcher = watch(directory, (_event, name) => this.#changed(directory, name));
      this.#watchers.set(directory, watcher);
      // It was removed, or there are more than the system watches.
      watcher.on('error', (error) => this.#forget(directory, error));
      for (const inner of directoriesIn(directory)) if (this.#isMine(inner)) this.#watch(inner);
    } catch (error) {
      if (error instanceof Error) this.#forget(directory, error);
    }
  }

  #changed(directory: string, name: string | null): void {
    if (name === null) return;
    const path = join(directory, name);
    if (!this.#isMine(path)) return;
    for (const inner of directoriesIn(directory)) if (inner === path) this.#watch(inner);
    this.#saved(relative(this.#root, path));
  }

  #isMine(path: string): boolean {
    return isWatched(relative(this.#root, path));
  }

  #forget(directory: string, error: Error): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
    if ('code' in error && (error.code === 'ENOENT' || error.code === 'EPERM')) return;
    this.#failed(error);
  }
}

function directoriesIn(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  } catch {
    return []; // Gone meanwhile.
  }
}
