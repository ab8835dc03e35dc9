import type { RecorderId, TransactionKey } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';

/**
 * What the recorder copies out of its ring and hands to the keeper: segments of one transaction, as records (wire/segments).
 * A transaction may come in several parts (several sinks, late segments); every segment comes at least once, so readers drop repeats.
 */
export interface RecordedPart {
  readonly purpose: RecordingPurpose;
  readonly transaction: TransactionKey;
  readonly recorder: RecorderId;
  /** Records in arrival order. Owned by the receiver: its buffer is transferred, not shared. */
  readonly records: Uint8Array;
  /** Segments of this transaction that age had overwritten before they could be copied. */
  readonly overwritten: number;
  /** For `ambient`: the service whose start-up or background traffic it is. For `exemplar`: the route. Empty for failures. */
  readonly subject: string;
}
