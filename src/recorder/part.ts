import type { RecorderId, TransactionKey } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';

/**
 * What the recorder copies out of its ring and hands to the keeper: segments of one transaction, as records (wire/segments).
 * A transaction may come in several parts (several sinks, late segments); a segment may come twice; (recorder, stream, sequence) tells.
 */
export interface RecordedPart {
  readonly purpose: RecordingPurpose;
  readonly transaction: TransactionKey;
  readonly recorder: RecorderId;
  /** Other keys its exchanges carried: parts of one transaction may come under any of them. */
  readonly aliases: readonly TransactionKey[];
  /** Records in arrival order. Owned by the receiver: its buffer is transferred, not shared. */
  readonly records: Uint8Array;
  /** Segments of this transaction that age had overwritten before they could be copied; where, is told by jumps in the sequence. */
  readonly overwritten: number;
  /** For `ambient`: the service whose start-up or background traffic it is. For `exemplar`: the route. Empty for failures. */
  readonly subject: string;
  /** What failed, where and how, as the ring sees it (brake-signature.ts): what the keeper may brake. Absent when nothing failed. */
  readonly signature?: string;
}
