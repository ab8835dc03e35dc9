/**
 * What passes between a recorder and the history behind it, which may be another thread: plain data and buffers that are handed over. Neither
 * ever waits for the other.
 */
import type { TransactionKey } from '../domain/ids.ts';
import type { Tally } from './fates.ts';
import type { PackedNotes } from './notes.ts';
import type { RecordedPart } from './part.ts';

/** A piece of history; also the most bytes that one record may have to get there. */
export const PIECE_BYTES = 1024 * 1024;

/**
 * What a record in history was in the books when age took it, in the two high bits of its flags, which nothing else uses; taken away before a
 * record leaves history.
 */
export const Books = {
  mask: 0xc0,
  /** Counted elsewhere or nowhere: pinned, of a connection, written by the recorder itself. */
  none: 0x00,
  /** Undecided: its fate is `history`. */
  history: 0x40,
  tossed: 0x80,
  /** A part has it. */
  kept: 0xc0,
} as const;

/** When an inbound exchange was open at its instance, Unix ms: what its connections said meanwhile belongs to it. */
export interface Window {
  /** As Instance.key. */
  readonly instance: string;
  readonly from: number;
  readonly to: number;
}

export type HistoryHead = Omit<RecordedPart, 'records' | 'overwritten'>;

/** Asks for all that history has of a transaction. */
export interface HistoryQuestion {
  readonly id: number;
  /** What the part is to be called. */
  readonly head: HistoryHead;
  /** Every key it is known under. */
  readonly keys: readonly TransactionKey[];
  /** When it was, Unix ms: a request id alone joins only what was near. Undefined: when history saw it last. */
  readonly near: number | undefined;
  /** Inbound exchanges of it that memory has, and whose connections may have aged. */
  readonly windows: readonly Window[];
  /** `unsent` leaves out what a part had when it aged. */
  readonly choice: 'unsent' | 'all';
  /** Segments of it that age took undecided. What is not found again, the part tells as overwritten. */
  readonly lost: number;
  /** The part's records may be so long. */
  readonly limit: number;
}

export type ToHistory =
  /** Records by arrival, and who they are of. The buffer comes back with `emptied`. */
  | { readonly kind: 'piece'; readonly bytes: ArrayBuffer; readonly used: number; readonly notes: PackedNotes }
  /** An era of numbers has begun (numbering.ts): what came before the last one of these is to be forgotten. */
  | { readonly kind: 'era' }
  | { readonly kind: 'ask'; readonly question: HistoryQuestion };

/** What memory is asked for when history's end of a connection is in the middle of a command, or its beginning is lost. */
export interface Rest {
  readonly stream: number;
  /** Sequence of the last record that history gave. */
  readonly after: number;
  /** Unix ms: up to the first anchor behind that. */
  readonly to: number;
  /** Who speaks is not known. */
  readonly headless: boolean;
}

export type FromHistory =
  | { readonly kind: 'emptied'; readonly bytes: ArrayBuffer }
  | {
      readonly kind: 'answered';
      readonly id: number;
      /** Of what was given now, what had the fate `history`, and what was tossed: it is kept from now on. */
      readonly undecided: Tally;
      readonly tossed: Tally;
      readonly rests: readonly Rest[];
    }
  /** Undecided segments that history has lost, or overwritten. */
  | { readonly kind: 'gone'; readonly undecided: Tally };

/** The recorder's end. */
export interface HistoryLink {
  /** Buffers in `transfer` are the other's from then on. Returns at once. */
  readonly say: (message: ToHistory, transfer: readonly ArrayBuffer[]) => void;
  /** Pieces that may be under way at once; what ages meanwhile is dropped. Default 8. */
  readonly pieces?: number;
}

/** Counts since start, of the recorder's end. */
export interface SpillStats {
  /** What age handed to history, and what found no room on the way there. */
  readonly passed: Tally;
  readonly dropped: Tally;
  /** Questions asked, and those that were not because too many were open. */
  readonly asked: number;
  readonly unasked: number;
}
