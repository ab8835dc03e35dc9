import type { HistoryStats } from '../../history/client.ts';
import type { IngestStats } from '../../ingest/client.ts';
import type { KeeperStats } from '../keeper.ts';
import type { StoreUsage } from '../store-usage.ts';

/** Rules of one's own. */
export interface RulesSeen {
  readonly written: { readonly version: number };
  readonly mistakes: readonly unknown[];
}

/** The numbers of one scrape. */
export interface Seen {
  /** Undefined until the ingest thread has told its first numbers. */
  readonly ingest: IngestStats | undefined;
  /** By the number of the worker. */
  readonly workers: readonly IngestStats[];
  readonly keeper: KeeperStats;
  /** Undefined where there is none. */
  readonly history: HistoryStats | undefined;
  readonly rules: RulesSeen | undefined;
  /** Undefined until it was measured. */
  readonly usage: StoreUsage | undefined;
}

/** Sets measures to what is seen. */
export type Take = (seen: Seen) => void;
