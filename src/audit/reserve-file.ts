import { randomFillSync } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

/** Space held back for acts that make some: deleting must be possible on a full disk, and it is not without being written down. */
export interface Reserve {
  /** Takes the space, where there is some. */
  take(): void;
  release(): void;
}

/** A few pages for the head and its journal, and some lines. */
const BYTES = 128 * 1024;

export function reserveFile(path: string): Reserve {
  let held = false;
  return {
    take() {
      if (held) return;
      try {
        if (statSync(path, { throwIfNoEntry: false })?.size !== BYTES) write(path);
        held = true;
      } catch {
        rmSync(path, { force: true });
      }
    },
    release() {
      rmSync(path, { force: true });
      held = false;
    },
  };
}

function write(path: string): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    // Random, because a file system that compresses would hold back nothing for zeros.
    writeSync(descriptor, randomFillSync(Buffer.alloc(BYTES)));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
