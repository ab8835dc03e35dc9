/**
 * What recorders tell one another, so that a transaction is whole although its sidecars send to several: keys and times, no bytes. Who tells is
 * the main thread of one loopd today (src/ingest/telling.ts); the same orders can cross machines. Plain data.
 */
import type { TransactionKey } from '../domain/ids.ts';

export type ElsewhereOrder = KeptElsewhere | AmbiguousElsewhere;

/** A loop was made of what other recorders had: the rest of it is to be copied out, what is there and what still comes. */
export interface KeptElsewhere {
  readonly kind: 'elsewhere';
  /** Every key of the transaction. */
  readonly keys: readonly TransactionKey[];
  /** Of its newest record, Unix ms. */
  readonly at: number;
  /** The keeper has something from this recorder; otherwise it has let go of what it had, and wants it again. */
  readonly has: boolean;
}

/** Request ids that were seen with two traces: they join nothing any more. */
export interface AmbiguousElsewhere {
  readonly kind: 'ambiguous';
  readonly ids: readonly TransactionKey[];
}
