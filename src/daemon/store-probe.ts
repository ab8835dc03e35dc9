/** Whether the disk of the store takes writes, found out by writing. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { writeDurable } from '../../storage/filesystem/durable.ts';
import { storageError } from '../../storage/errors.ts';

export type StoreState = 'well' | 'full' | 'failing' | 'slow';

export interface StoreProbeOptions {
  /** Of the store. */
  readonly directory: string;
  readonly clock: Clock;
  /** Resolves after about so many ms, without holding the process. */
  readonly wait: (ms: number) => Promise<void>;
}

/** Nobody need say who they are to have it asked, so it is asked so seldom whoever asks. */
const EVERY_MS = 5000;
const SLOW_MS = 1000;
/** A block of most file systems: less may fit into what is there. */
const BYTES = new Uint8Array(4096);

export class StoreProbe {
  readonly #options: StoreProbeOptions;
  #last: Promise<StoreState> = Promise.resolve('well');
  #writing: Promise<StoreState> | undefined;
  #askedAt = -Infinity;

  constructor(options: StoreProbeOptions) {
    this.#options = options;
  }

  /** Up to 5 s old. Takes a second at most: a disk that takes longer is slow, and is not asked again before it has answered. */
  state(): Promise<StoreState> {
    const now = this.#options.clock.now();
    if (now - this.#askedAt < EVERY_MS) return this.#last;
    this.#askedAt = now;
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    const slow = this.#options.wait(SLOW_MS).then((): StoreState => 'slow');
    this.#last = Promise.race([this.#writing, slow]);
    return this.#last;
  }

  async #write(): Promise<StoreState> {
    const path = join(this.#options.directory, 'probe');
    try {
      await writeDurable(path, BYTES);
      await rm(path, { force: true });
      return 'well';
    } catch (error) {
      return storageError(error, '').code === 'full' ? 'full' : 'failing';
    }
  }
}
