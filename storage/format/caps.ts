/** How much of a `.loop` file is taken in, whoever made it. */
export interface LoopFileCaps {
  /** Of the whole file. It is read into memory, so this bounds memory too. */
  readonly totalBytes: number;
  readonly entries: number;
  readonly partBytes: number;
  readonly viewBytes: number;
  readonly manifestBytes: number;
}

/** A loop is at most the recorder's budget of one transaction (tens of MiB), with companions of the same kind. */
export const DEFAULT_CAPS: LoopFileCaps = {
  totalBytes: 512 * 1024 * 1024,
  entries: 10_000,
  partBytes: 256 * 1024 * 1024,
  viewBytes: 64 * 1024 * 1024,
  manifestBytes: 4 * 1024 * 1024,
};
