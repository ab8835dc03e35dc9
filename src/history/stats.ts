/** Numbers of a history at one moment. */
export interface HistoryStats {
  /** Age of its oldest record. */
  readonly seconds: number;
  /** Of blocks on disk; the file may be larger. */
  readonly bytes: number;
  /** Of the file, that are known to have their space on disk. */
  readonly allocatedBytes: number;
  /** Memory of the tables. */
  readonly tableBytes: number;
  /** Held now; written, lost on the way to disk, and unreadable later since start. */
  readonly blocks: {
    readonly held: number;
    readonly written: number;
    readonly failed: number;
    readonly damaged: number;
  };
  /** Records that no block has room for. */
  readonly tooLarge: number;
  /** Questions answered since start, and open now. */
  readonly answered: number;
  readonly waiting: number;
  /** One sentence while it is not whole. */
  readonly trouble: string | undefined;
}
