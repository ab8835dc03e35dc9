/** One capture while it is looked after: what it has taken, whose sessions it knows, what is missing of it. */
import type { Capture, CaptureEnd, CaptureId, CaptureNote, Selector } from '../domain/capture.ts';
import type { LoopId, StreamId } from '../domain/ids.ts';
import type { CountedCapture, StoredCapture } from '../../storage/captures.ts';
import type { CaptureSecrets } from './sealed.ts';
import { Sessions } from './sessions.ts';

/** Said of one capture; what comes later is counted in the last. */
const NOTES = 100;
/** Trees that were left out, known by their roots so that each counts once. */
const LEFT_OUT = 10_000;

export class RunningCapture {
  readonly id: CaptureId;
  readonly secrets: Omit<CaptureSecrets, 'sessions'>;
  readonly sessions: Sessions;
  /** Digest of whom it is of. */
  readonly user: string;
  readonly startedAt: number;
  readonly until: number;
  readonly maxBytes: number;
  readonly maxTransactions: number;
  readonly lookBack: boolean;
  /** Loops taken for a session alone, and when they began. */
  readonly bySession = new Map<LoopId, { readonly sessions: readonly string[]; readonly at: number }>();
  endedAt: number | undefined;
  endedBy: CaptureEnd | undefined;
  reachedBackTo: number | undefined;
  transactions: number;
  bytes: number;
  notes: readonly CaptureNote[];
  /** Walks through the ring that were asked for, and whether one is under way. */
  round = 0;
  walking = false;
  /** The recorder does not know all sessions yet. */
  unsaid = false;
  /** Something is not stored yet. */
  changed = false;
  readonly #leftOut = new Set<StreamId>();
  readonly #leftOutBefore: number;

  constructor(stored: CountedCapture, { sessions, ...secrets }: CaptureSecrets) {
    const { state } = stored;
    this.id = stored.id;
    this.secrets = secrets;
    this.sessions = new Sessions(sessions);
    this.user = stored.user;
    this.startedAt = stored.startedAt;
    this.until = stored.until;
    this.endedAt = stored.endedAt;
    this.endedBy = stored.endedBy;
    this.maxBytes = state.maxBytes;
    this.maxTransactions = state.maxTransactions;
    this.lookBack = state.lookBack;
    this.reachedBackTo = state.reachedBackTo;
    this.#leftOutBefore = state.leftOut;
    this.notes = state.notes;
    this.transactions = stored.transactions;
    this.bytes = stored.bytes;
  }

  get select(): Selector {
    return this.secrets.select;
  }

  get leftOut(): number {
    return this.#leftOutBefore + this.#leftOut.size;
  }

  /** Of a transaction that began then (Unix ms). What ended by a limit takes nothing more. */
  takes(startedAt: number): boolean {
    if (this.endedBy === 'bytes' || this.endedBy === 'count') return false;
    return startedAt <= (this.endedAt ?? this.until) && (this.lookBack || startedAt >= this.startedAt);
  }

  leaveOut(root: StreamId): void {
    if (this.#leftOut.size >= LEFT_OUT || this.#leftOut.has(root)) return;
    this.#leftOut.add(root);
    this.changed = true;
  }

  note(at: number, what: string): void {
    if (this.notes.length >= NOTES) return;
    this.notes = [...this.notes, { at, what }];
    this.changed = true;
  }

  end(by: CaptureEnd, at: number): void {
    this.endedBy = by;
    this.endedAt = at;
    this.changed = true;
  }

  stored(sealed: Uint8Array, aliveAt: number): StoredCapture {
    const { id, startedAt, until, endedAt, endedBy, user, maxBytes, maxTransactions, lookBack, reachedBackTo } = this;
    return {
      id,
      startedAt,
      until,
      ...(endedAt !== undefined && { endedAt }),
      ...(endedBy !== undefined && { endedBy }),
      user,
      state: {
        maxBytes,
        maxTransactions,
        lookBack,
        ...(reachedBackTo !== undefined && { reachedBackTo }),
        leftOut: this.leftOut,
        aliveAt,
        notes: this.notes,
      },
      sealed,
    };
  }
}

/** As it is shown. One that cannot be opened is shown without what was sealed. */
export function shown(stored: CountedCapture, secrets: CaptureSecrets | undefined, now: number): Capture {
  const { id, startedAt, until, transactions, failed, notWhole, bytes, state } = stored;
  const { maxBytes, maxTransactions, lookBack, reachedBackTo, leftOut, notes } = state;
  const over = stored.endedAt === undefined && now >= until;
  const endedAt = over ? until : stored.endedAt;
  const endedBy = over ? 'time' : stored.endedBy;
  return {
    id,
    select: secrets?.select ?? { pairs: [] },
    reason: secrets?.reason ?? '(sealed under another key)',
    who: secrets?.who ?? '?',
    startedAt,
    until,
    ...(endedAt !== undefined && { endedAt }),
    ...(endedBy !== undefined && { endedBy }),
    maxBytes,
    maxTransactions,
    lookBack,
    ...(reachedBackTo !== undefined && { reachedBackTo }),
    transactions,
    failed,
    notWhole,
    bytes,
    leftOut,
    notes,
  };
}
