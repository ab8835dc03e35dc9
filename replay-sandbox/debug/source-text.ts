/**
 * Source files that a debuggee names. What it says is not believed: it runs in the sandbox, whoever reads here does not, and what is read is
 * shown and reported. So nothing is read but a plain file of the project.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Bytes; what is longer was written by no person. */
const LONGEST = 10 * 1024 * 1024;
// A FIFO must not hold us up until somebody writes to it; a link that came meanwhile is not followed.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** Empty for what is not the project's, no regular file, too long, or not there. It never throws. */
export async function sourceText(path: string, projectDirectory: string): Promise<string> {
  try {
    const project = await realpath(projectDirectory);
    const real = await realpath(path);
    if (!isBelow(project, real)) return '';
    await using file = await open(real, FLAGS);
    // A directory on the way may have become a link since: the kernel knows what was opened.
    const opened = await readlink(`/proc/self/fd/${file.fd}`).catch(() => real);
    return isBelow(project, opened) ? await textOf(file) : '';
  } catch {
    return '';
  }
}

/** The line (from 1), trimmed; empty where there is none. */
export async function sourceLine(path: string, line: number, projectDirectory: string): Promise<string> {
  return (await sourceText(path, projectDirectory)).split('\n')[line - 1]?.trim() ?? '';
}

function isBelow(project: string, path: string): boolean {
  return path.startsWith(project.endsWith(sep) ? project : project + sep);
}

/** As long as it was when it was opened: the debuggee may go on writing. */
async function textOf(file: FileHandle): Promise<string> {
  const known = await file.stat();
  if (!known.isFile() || known.size > LONGEST) return '';
  const bytes = Buffer.alloc(known.size);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.toString('utf8', 0, filled);
}
