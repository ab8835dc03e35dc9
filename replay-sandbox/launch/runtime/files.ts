/** What detection may see of this machine's files. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

export interface ProgramFiles {
  /** The file a command's first word means; undefined: there is none. */
  find(program: string, where: SearchPlace): string | undefined;
  /** Up to so many bytes from an offset; fewer where the file ends, none when it cannot be read. */
  read(path: string, offset: number, bytes: number): Uint8Array;
}

export interface SearchPlace {
  readonly workingDirectory: string;
  readonly env: Readonly<Record<string, string>>;
}

export const realFiles: ProgramFiles = {
  find(program, { workingDirectory, env }) {
    if (program === '') return undefined;
    const candidates = program.includes('/')
      ? [resolve(workingDirectory, program)]
      : (env['PATH'] ?? '').split(':').map((folder) => join(resolve(workingDirectory, folder), program));
    return candidates.find((path) => isAbsolute(path) && isProgram(path));
  },
  read(path, offset, bytes) {
    try {
      const file = openSync(path, 'r');
      try {
        const buffer = new Uint8Array(bytes);
        return buffer.subarray(0, readSync(file, buffer, 0, bytes, offset));
      } finally {
        closeSync(file);
      }
    } catch {
      return new Uint8Array(0);
    }
  },
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
