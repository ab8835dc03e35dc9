/**
 * The main thread's end of what recorders tell one another (src/recorder/elsewhere-order.ts). Keys of loops that were kept go to every recorder that
 * may have more of them, each key once: what comes in answer is no news, unless it shows another key.
 */
import { forgetOldest } from '../domain/bounded.ts';
import { isSameRecorder, type RecorderId, type TransactionKey } from '../domain/ids.ts';
import type { ElsewhereOrder, KeptElsewhere } from '../recorder/elsewhere-order.ts';

/** A loop was kept, or has grown. */
export interface KeptLoop {
  readonly keys: readonly TransactionKey[];
  /** Of its newest record, Unix ms. */
  readonly at: number;
  /** Whose records it has. */
  readonly recorders: ReadonlySet<RecorderId>;
}

export interface ToldRecorder {
  readonly recorder: RecorderId;
  elsewhere(order: ElsewhereOrder): void;
}

/** Keys and request ids that were told; the oldest is told again. */
const TOLD = 65_536;

export class Telling {
  readonly #recorders: () => readonly ToldRecorder[];
  readonly #kept = new Set<TransactionKey>();
  readonly #ambiguous = new Set<TransactionKey>();

  constructor(recorders: () => readonly ToldRecorder[]) {
    this.#recorders = recorders;
  }

  kept({ keys, at, recorders }: KeptLoop): void {
    const useful = keys.filter((key) => !this.#ambiguous.has(key));
    if (this.#recorders().length < 2 || useful.every((key) => this.#kept.has(key))) return;
    remember(this.#kept, useful);
    for (const one of this.#recorders()) {
      const has = [...recorders].some((recorder) => isSameRecorder(recorder, one.recorder));
      const order: KeptElsewhere = { kind: 'elsewhere', keys: useful, at, has };
      one.elsewhere(order);
    }
  }

  /** Request ids with which one recorder saw two traces. */
  ambiguous(ids: readonly TransactionKey[], from: RecorderId | undefined): void {
    const fresh = ids.filter((id) => !this.#ambiguous.has(id));
    if (fresh.length === 0) return;
    remember(this.#ambiguous, fresh);
    for (const one of this.#recorders()) if (one.recorder !== from) one.elsewhere({ kind: 'ambiguous', ids: fresh });
  }
}

function remember(keys: Set<TransactionKey>, fresh: readonly TransactionKey[]): void {
  for (const key of fresh) keys.add(key);
  forgetOldest(keys, TOLD);
}
