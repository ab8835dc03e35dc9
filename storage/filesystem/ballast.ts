import { randomBytes } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { writeDurable } from './durable.ts';

/** Enough for SQLite to log a delete (a few 4 KiB pages) and to fold the log back into its file. */
const BALLAST_BYTES = 1024 * 1024;

/**
 * Space held back for the one thing that must work on a full disk: deleting. SQLite has to write before it can delete, so the
 * ballast is let go first and taken again when there is room.
 */
export class Ballast {
  readonly #path: string;
  #held = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Takes the space unless it is held; without room it stays untaken, and the next call tries again. */
  async take(): Promise<void> {
    if (this.#held) return;
    try {
      const size = await stat(this.#path).then(
        (found) => found.size,
        () => 0,
      );
      // Random, because a filesystem that compresses would hold back nothing for zeros.
      if (size !== BALLAST_BYTES) await writeDurable(this.#path, randomBytes(BALLAST_BYTES));
      this.#held = true;
    } catch {
      // The store works without; only a delete on a full disk then takes the longer way.
      this.#held = false;
    }
  }

  async release(): Promise<void> {
    await rm(this.#path, { force: true });
    this.#held = false;
  }
}
