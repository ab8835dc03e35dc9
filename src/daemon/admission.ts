/** Asks the keep budget once for each failed transaction, and tells what became of it. */
import type { Fingerprint } from '../domain/ids.ts';
import type { LoopSummary, RecordingPurpose } from '../domain/loop.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { Derived } from '../keeping/derive.ts';
import type { KeepBudget } from '../verdict/budget.ts';

/** What became of a failed transaction; told once, and again when a late part shows that it was another failure, or a part of another. */
export type Decision = Judged | Merged;

/** Its loop has gone into another one, which is counted in its place. */
export interface Merged {
  readonly outcome: 'merged';
  readonly fingerprint: Fingerprint;
  readonly at: number;
}

export interface Judged {
  readonly outcome: 'kept' | 'counted';
  readonly fingerprint: Fingerprint;
  /** What it was taken for until now. */
  readonly former?: Fingerprint;
  readonly derived: Derived;
  /** As it was recorded, also where no originals are kept: for counting alone. */
  readonly original: () => Transaction;
  /** The ring's (recorder/part.ts). */
  readonly signature?: string | undefined;
}

export interface Asked {
  readonly purpose: RecordingPurpose;
  /** Every key of the transaction; one tree of several in a trace has keys of its own. */
  readonly keys: readonly string[];
  /** The ring's (recorder/part.ts). */
  readonly signature?: string | undefined;
  readonly derived: Derived;
  readonly original?: () => Transaction;
  /** Of the loop it joins. */
  readonly stored?: LoopSummary | undefined;
}

/** Room to save one recording. */
export interface Room {
  /** Only what is saved is paid for, and told. Rejects as `save` does. */
  spend(save: () => Promise<void>): Promise<void>;
}

/** For what no budget bounds. */
export const PASSED: Room = { spend: (save) => save() };

export class Admission {
  readonly #budget: KeepBudget;
  readonly #decided: (decision: Decision) => void;

  constructor(budget: KeepBudget, decided: (decision: Decision) => void = () => undefined) {
    this.#budget = budget;
    this.#decided = decided;
  }

  /** Undefined: it is counted and not saved. Nothing is decided while nothing has failed. */
  ask({ purpose, keys, signature, derived, original = () => derived.transaction, stored }: Asked): Room | undefined {
    const { fingerprint } = derived.verdict;
    if (purpose !== 'failure' || fingerprint === undefined) return PASSED;
    const kept: Judged = { outcome: 'kept', fingerprint, derived, original, signature };
    if (stored !== undefined) return this.#joining(kept, stored, keys);
    const decided = this.#budget.decided(keys);
    if (decided !== undefined) return decided ? PASSED : undefined;
    const room = this.#budget.reserve(fingerprint, keys);
    if (room === undefined) {
      this.#decided({ ...kept, outcome: 'counted' });
      return undefined;
    }
    const spend = async (save: () => Promise<void>): Promise<void> => {
      try {
        await save();
      } catch (error) {
        room.release();
        throw error;
      }
      room.commit();
      this.#decided(kept);
    };
    return { spend };
  }

  /** A capture wants it: it is saved, and told of once, and the budget is not asked. */
  captured({ purpose, keys, signature, derived, original = () => derived.transaction, stored }: Asked): Room {
    const { fingerprint } = derived.verdict;
    if (purpose !== 'failure' || fingerprint === undefined || stored?.fingerprint === fingerprint) return PASSED;
    if (stored === undefined && this.#budget.decided(keys) !== undefined) return PASSED;
    const former = stored?.fingerprint;
    const kept: Judged = { outcome: 'kept', fingerprint, derived, original, signature, ...(former && { former }) };
    return { spend: (save) => save().then(() => this.#decided(kept)) };
  }

  merged({ fingerprint, startedAt }: LoopSummary): void {
    if (fingerprint !== undefined) this.#decided({ outcome: 'merged', fingerprint, at: startedAt });
  }

  #joining(kept: Judged, { fingerprint: former, purpose }: LoopSummary, keys: readonly string[]): Room {
    const captured = purpose === 'capture';
    if (former === kept.fingerprint) return PASSED;
    const spend = async (save: () => Promise<void>): Promise<void> => {
      await save();
      if (former === undefined && !captured) this.#budget.charge(kept.fingerprint, keys);
      this.#decided({ ...kept, ...(former !== undefined && { former }) });
    };
    return { spend };
  }
}
