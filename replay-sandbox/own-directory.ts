/** Directories of a replay for files that need a path as long as it runs. A killed replay leaves its own behind: the next one clears them away. */
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** loop-<kind>-<process>-<where that number counts>-<chance> */
const NAME = /^loop-[a-z]+-(\d+)-(\d+)-\w+$/;

/** Nobody else may look into it. Whoever asks for it removes it. */
export function ownDirectory(kind: string, below = tmpdir()): string {
  const space = processSpace();
  clearLeftovers(below, space);
  return mkdtempSync(join(below, `loop-${kind}-${process.pid}-${space}-`));
}

function clearLeftovers(below: string, space: string): void {
  for (const name of named(below)) {
    const [, pid, counted] = NAME.exec(name) ?? [];
    if (pid === undefined || counted !== space || isAlive(Number(pid))) continue;
    const path = join(below, name);
    try {
      if (isMine(path)) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another replay clears it away at this moment.
    }
  }
}

function named(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isMine(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Containers may share a directory, and count processes each on its own: the namespace's inode number, 0 where there is none. */
function processSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
