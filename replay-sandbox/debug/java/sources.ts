/** Source files of the project, by the end of their path. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sourceText } from '../source-text.ts';

const NOT_SOURCES = new Set(['node_modules', 'target', 'build', 'out', 'bin']);
/** Directories looked into; a project that has more is looked through in part. */
const DIRECTORIES = 5000;

export interface Source {
  /** In the project. */
  readonly path: string;
  /** The line's text, trimmed; empty beyond the end. */
  line(number: number): string;
}

export class Sources {
  readonly #project: string;
  readonly #known = new Map<string, Promise<Source | undefined>>();
  #files: Promise<readonly string[]> | undefined;

  constructor(project: string) {
    this.#project = project;
  }

  /** `shop/Main.java`. */
  find(path: string): Promise<Source | undefined> {
    const known = this.#known.get(path) ?? this.#look(path);
    this.#known.set(path, known);
    return known;
  }

  async #look(path: string): Promise<Source | undefined> {
    this.#files ??= sourceFiles(this.#project);
    const file = (await this.#files).find((each) => each.endsWith(`/${path}`));
    if (file === undefined) return undefined;
    const lines = (await sourceText(file, this.#project)).split('\n');
    return { path: relative(this.#project, file), line: (number) => lines[number - 1]?.trim() ?? '' };
  }
}

async function sourceFiles(project: string): Promise<readonly string[]> {
  const found: string[] = [];
  const directories = [project];
  for (let looked = 0; looked < DIRECTORIES; looked += 1) {
    const directory = directories.shift();
    if (directory === undefined) break;
    const entries = await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => []);
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (entry.isFile() && /\.(?:java|kt|scala|groovy)$/.test(entry.name)) found.push(path);
      if (entry.isDirectory() && !entry.name.startsWith('.') && !NOT_SOURCES.has(entry.name)) directories.push(path);
    }
  }
  return found;
}
