/** A disk for one process that is made slow, or full, and well again while it runs: bench/harm/disk.c stands before its calls. */
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { buildC } from '../../bench/load/build.ts';

const WORD = 8;

export class SickDisk {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** `file`: does not exist yet. */
  static make(file: string): SickDisk {
    writeFileSync(file, new Uint8Array(4 * WORD));
    return new SickDisk(file);
  }

  static at(file: string): SickDisk {
    return new SickDisk(file);
  }

  /** For the process. */
  get env(): Readonly<Record<string, string>> {
    const library = buildC(new URL('../../bench/harm/disk.c', import.meta.url), ['-shared', '-fPIC', '-ldl']);
    return { LD_PRELOAD: library, LOOP_DISK_COUNTS: this.#file };
  }

  /** Each fsync takes so much longer from now on; one that waits already ends when that has become less. */
  syncsTake(ms: number): void {
    this.#write(2, ms);
  }

  /** Whether writes to files say ENOSPC from now on. */
  isFull(full: boolean): void {
    this.#write(3, full ? 1 : 0);
  }

  /** Calls that were delayed, and writes that were refused. */
  get seen(): { readonly delayed: number; readonly refused: number } {
    const words = readFileSync(this.#file);
    return { delayed: Number(words.readBigUInt64LE(0)), refused: Number(words.readBigUInt64LE(WORD)) };
  }

  #write(word: number, value: number): void {
    const bytes = Buffer.alloc(WORD);
    bytes.writeBigUInt64LE(BigInt(value));
    const file = openSync(this.#file, 'r+');
    writeSync(file, bytes, 0, WORD, word * WORD);
    closeSync(file);
  }
}
