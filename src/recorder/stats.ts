import type { RecordingPurpose } from '../domain/loop.ts';
import type { CommandLookStats } from './command-looks.ts';
import type { FateTallies, Tally } from './fates.ts';
import type { SpillStats } from './history.ts';
import type { InspectionStats } from './inspection.ts';
import type { SeenSidecar } from './instances.ts';
import type { SheddingStats } from './shedding.ts';

/** Numbers of one recorder at one moment, for metrics. Bytes are of records; times are in seconds. */
export interface RecorderStats {
  /**
   * Segments and bytes by fate; received is their sum, always. All but inFlight only grow, save that tossed shrinks when a late failure
   * still finds what it wants.
   */
  readonly fates: FateTallies;
  /** Age of the oldest record in the ring. */
  readonly historySeconds: number;
  /** Service instances of which any stream is known. */
  readonly instances: number;
  /** Who sent something since the recorder began, the newest few hundred. */
  readonly sidecars: readonly SeenSidecar[];
  /** Transactions and streams in the index, and its estimated heap in bytes. */
  readonly transactions: number;
  readonly streams: number;
  readonly indexBytes: number;
  readonly pinnedBytes: number;
  /** Entries of access logs: joined to an exchange, made one of their own, and waiting for theirs. */
  readonly logs: { readonly joined: number; readonly alone: number; readonly waiting: number };
  /** Transactions by verdict; one of both counts as kept. */
  readonly keptTransactions: number;
  readonly tossedTransactions: number;
  /** Failed transactions that were only counted, those copied out as probes meanwhile, and the signatures braked now. */
  readonly brake: { readonly counted: number; readonly probes: number; readonly signatures: number };
  /** Settled transactions that the index gave up before age did. */
  readonly forgottenTransactions: number;
  /** Exchanges whose bodies somebody asked about. */
  readonly inspections: InspectionStats;
  /** Transactions with an error of a database that a rule may be about. */
  readonly commandLooks: CommandLookStats;
  /** Parts (as `segments`) and their bytes, by purpose: bytes copied twice count twice here, and once in `fates`. */
  readonly parts: Readonly<Record<RecordingPurpose, Tally>>;
  /** What is given up because of overload, now and since the beginning. */
  readonly shedding: SheddingStats;
  /** What went towards the history behind the ring, where there is one. */
  readonly spill?: SpillStats;
}
