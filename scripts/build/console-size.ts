import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes, gzipped, that a browser loads before anything shows: page, scripts and styles, without what is asked for later. */
export const FIRST_LOAD_LIMIT = 120_000;

export interface LoadedFile {
  readonly file: string;
  readonly bytes: number;
  readonly gzipped: number;
}

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

/** What the first load of a built console consists of, by vite's manifest. */
export function firstLoad(dist: string): readonly LoadedFile[] {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8')) as Record<string, Chunk>;
  const files = new Set(['index.html']);
  const take = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    for (const imported of chunk.imports ?? []) take(imported);
  };
  for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry === true) take(name);
  return [...files].map((file) => {
    const content = readFileSync(join(dist, file));
    return { file, bytes: content.length, gzipped: gzipSync(content, { level: 9 }).length };
  });
}

export function gzippedBytes(files: readonly LoadedFile[]): number {
  return files.reduce((sum, { gzipped }) => sum + gzipped, 0);
}

export function sizeReport(files: readonly LoadedFile[]): string {
  const lines = files.map(
    ({ file, bytes, gzipped }) => `  ${kilobytes(gzipped)} gzipped (${kilobytes(bytes)})  ${file}`,
  );
  const total = `console: first load ${kilobytes(gzippedBytes(files))} gzipped, limit ${kilobytes(FIRST_LOAD_LIMIT)}`;
  return [total, ...lines].join('\n');
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(5)} kB`;
}
