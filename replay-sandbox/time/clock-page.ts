/**
 * The page of memory that tells the service's clock (layout: native/clock.h). loopctl writes it as a file, every process of the service maps
 * that file: both see the same page of the kernel's. It holds 63 states of 64 bytes; byte 0 says which counts. A state is written whole
 * before that one byte names it, so nobody ever reads half of one.
 */
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from '../own-directory.ts';

const PAGE_BYTES = 4096;
const STATE_BYTES = 64;
const STATES = PAGE_BYTES / STATE_BYTES;

const KINDS = { shifted: 1n, frozen: 2n, 'run-up': 3n } as const;

/** All in nanoseconds. */
export interface ClockState {
  readonly kind: keyof typeof KINDS;
  /** CLOCK_REALTIME of the service, at `since` of its CLOCK_MONOTONIC. */
  readonly wall: bigint;
  readonly since: bigint;
  /** Of a run-up: how far before `wall` it begins. */
  readonly lead: bigint;
  /** All pauses that are over; and the kernel's CLOCK_MONOTONIC at the begin of the present one, or 0. */
  readonly paused: bigint;
  readonly pauseBegan: bigint;
}

export class ClockPage {
  readonly #directory = ownDirectory('clock');
  /** Of the file, on this machine. */
  readonly path = join(this.#directory, 'page');
  /** Undefined once it is closed: its number may soon be another file's. */
  #file: number | undefined;
  #current = 0;

  constructor(state: ClockState) {
    writeFileSync(this.path, Buffer.alloc(PAGE_BYTES));
    this.#file = openSync(this.path, 'r+');
    this.write(state);
  }

  /** Nothing happens to a page that is closed. */
  write({ kind, wall, since, lead, paused, pauseBegan }: ClockState): void {
    if (this.#file === undefined) return;
    const next = (this.#current % (STATES - 1)) + 1;
    const bytes = Buffer.alloc(STATE_BYTES);
    [KINDS[kind], wall, since, lead, paused, pauseBegan].forEach((value, index) =>
      bytes.writeBigInt64LE(value, index * 8),
    );
    writeSync(this.#file, bytes, 0, STATE_BYTES, next * STATE_BYTES);
    writeSync(this.#file, Uint8Array.of(next), 0, 1, 0);
    this.#current = next;
  }

  /** Whoever has mapped it keeps it. */
  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
