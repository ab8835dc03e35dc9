import type { CaptureId } from '../domain/capture.ts';
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
  /** Somebody asked for it, another sink or a person: it is kept whatever the rules say of it. */
  readonly asked?: true;
  /** Captures whose conditions it has shown: which exchange trees are theirs, the keeper decides. */
  readonly captures?: readonly CaptureId[];
  /** Absent when nothing in it can have to do with calls that carry no context. */
  readonly around?: Around;
}

/** What else went on where the transaction was served, or began: to find out what belongs together although it shares no context. */
export interface Around {
  readonly neighbours: readonly Neighbour[];
  /** Neighbours that found no room in the part. */
  readonly leftOut: number;
  /** By service: outbound exchanges made while an inbound one was open that shared its context, and that did not. */
  readonly services: Readonly<Record<string, { readonly carried: number; readonly dropped: number }>>;
  /** Stream numbers of calls of a kind that their service makes by itself too, while it serves nobody. */
  readonly lonely: readonly number[];
  /** Nothing was lost around here for a while: who is not seen was not there. */
  readonly gapless: boolean;
}

/** Exchanges of another transaction, copied: it may be somebody else's, and is kept only when it is found to belong here. */
export interface Neighbour {
  readonly transaction: TransactionKey;
  readonly aliases: readonly TransactionKey[];
  /** Owned by the receiver, as those of the part. */
  readonly records: Uint8Array;
}
