/** How much of a `.loop` file is taken in, whoever made it. */
export interface LoopFileCaps {
  /** Of the whole file. Its parts are held in memory, so this bounds memory too. */
  readonly totalBytes: number;
  readonly entries: number;
  readonly partBytes: number;
  readonly viewBytes: number;
  readonly manifestBytes: number;
  /** Of all views and all `loop.json` together: as text in memory they can take twice as much. */
  readonly textBytes: number;
  /** Objects, arrays and values in one of them, counted before it is parsed: parsed, `[[],[],…` takes thirty times its bytes. */
  readonly jsonValues: number;
  /** Objects and arrays in each other. A view has six. */
  readonly jsonDepth: number;
}

const MIB = 1024 * 1024;

/** A loop is at most the recorder's budget of one transaction (tens of MiB), with companions of the same kind. */
export const DEFAULT_CAPS: LoopFileCaps = {
  totalBytes: 512 * MIB,
  entries: 10_000,
  partBytes: 256 * MIB,
  viewBytes: 64 * MIB,
  manifestBytes: 4 * MIB,
  textBytes: 192 * MIB,
  jsonValues: 1_000_000,
  jsonDepth: 64,
};
