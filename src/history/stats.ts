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

/** Of several histories: as far back as all of them reach, and otherwise their sums. */
export function unitedStats(all: readonly HistoryStats[]): HistoryStats {
  const sum = (of: (stats: HistoryStats) => number): number => all.reduce((total, stats) => total + of(stats), 0);
  const reach = Math.min(...all.map(({ seconds }) => seconds));
  return {
    seconds: Number.isFinite(reach) ? reach : 0,
    bytes: sum(({ bytes }) => bytes),
    allocatedBytes: sum(({ allocatedBytes }) => allocatedBytes),
    tableBytes: sum(({ tableBytes }) => tableBytes),
    blocks: {
      held: sum(({ blocks }) => blocks.held),
      written: sum(({ blocks }) => blocks.written),
      failed: sum(({ blocks }) => blocks.failed),
      damaged: sum(({ blocks }) => blocks.damaged),
    },
    tooLarge: sum(({ tooLarge }) => tooLarge),
    answered: sum(({ answered }) => answered),
    waiting: sum(({ waiting }) => waiting),
    trouble: all.find(({ trouble }) => trouble !== undefined)?.trouble,
  };
}
