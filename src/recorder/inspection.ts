/**
 * What crosses between the ring and whoever may take the time to read bodies. On the ingest thread nothing is decoded: a body is searched for a
 * few bytes, and an exchange in which they stand, or could stand in another spelling, goes to the main thread as an *inspection*, a copy of
 * its records. There `answer` is found and sent back. Everything here is plain data.
 *
 * To ask a further kind of question: name it in AskKind, hand its asks to `Inspections.consider` when an exchange is done, and answer it in
 * `src/daemon/inspector.ts`.
 */
import type { RecorderId, TransactionKey } from '../domain/ids.ts';

/** `rules`: conditions on bodies. `users`: whose exchange it is, where the id stands in a body. */
export type AskKind = 'rules' | 'users';

/** The answer may be yes only if every clue is found. Without clues: the exchange is always worth reading. */
export interface Ask {
  readonly kind: AskKind;
  readonly clues: readonly Clue[];
}

/** What must stand in one body of the exchange. */
export interface Clue {
  readonly side: 'client' | 'server';
  /** Compared byte by byte; JSON may spell it otherwise, with a backslash. Undefined: whatever the body holds, it has to be read. */
  readonly text: string | undefined;
}

/** One exchange that the ring cannot judge by itself. Its transaction goes on meanwhile; it is no exemplar before it was answered. */
export interface Inspection {
  /** Names it towards its recorder. */
  readonly id: number;
  readonly recorder: RecorderId;
  readonly transaction: TransactionKey;
  /** Whose questions could be answered with yes. */
  readonly asks: readonly AskKind[];
  /** Records of the exchange alone, in arrival order. Owned by the receiver. */
  readonly records: Uint8Array;
}

export interface InspectionAnswer {
  /** Who asked. */
  readonly recorder: RecorderId;
  readonly id: number;
  /** Its transaction is to be kept. */
  readonly keep: boolean;
}

/** Exchanges by what became of the question whether to read them, since start. `left`: by why they were left unread. */
export interface InspectionStats {
  /** Searched, and what would have to stand there does not. */
  readonly ruledOut: number;
  readonly sent: number;
  readonly bytes: number;
  readonly answered: number;
  readonly kept: number;
  readonly left: Readonly<Record<LeftUnread, number>>;
}

/**
 * - `budget`  more in this second than may be copied, or too many without an answer
 * - `large`   a body beyond inspectionBytes
 * - `cut`     of a body only the beginning was stored (bodyBytes)
 * - `aged`    age had taken some of it
 */
export type LeftUnread = 'budget' | 'large' | 'cut' | 'aged';
