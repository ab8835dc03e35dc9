/** A failed transaction is counted once, although the brakes of several recorders have each counted their part of it, or one was copied out. */
import type { TransactionKey } from '../domain/ids.ts';
import type { BrakedCount, KeyDigests } from '../recorder/brake.ts';
import { digestOfKey } from '../domain/key-digest.ts';

/** Transactions remembered by each of their keys: a minute of an outage with a thousand failures a second. */
const REMEMBERED = 65_536;

/** Of no brake. */
const NOBODY = -1;

/** What it counts under; undefined: it does not count, or somebody looks at it and counts it. */
interface Mark {
  signature: string | undefined;
  readonly worker: number;
  /** Unix ms. */
  readonly at: number;
}

export class UnitedCounts {
  readonly #marks = new Map<number, Mark>();

  /** What one worker's brake has counted, without what was counted before. */
  braked(worker: number, counts: readonly BrakedCount[]): readonly BrakedCount[] {
    return counts.flatMap(({ counted = [], uncounted = [], count, ...told }) => {
      const twice = counted.filter(
        (keys) => !this.#counts({ worker, signature: told.signature, at: told.lastAt }, keys),
      ).length;
      const kept = uncounted.filter((keys) => !this.#uncounts(worker, keys)).length;
      const left = count - twice + kept;
      return left === 0 ? [] : [{ ...told, count: left }];
    });
  }

  /** A part of a failed transaction came, which the keeper counts: what a brake has counted of it counts no more. */
  arrived(keys: readonly TransactionKey[]): readonly BrakedCount[] {
    const digests = keys.map(digestOfKey);
    const mark = this.#find(digests);
    const signature = mark?.signature;
    this.#note(digests, { signature: undefined, worker: NOBODY, at: 0 });
    if (mark === undefined || signature === undefined) return [];
    mark.signature = undefined;
    return [{ signature, count: -1, firstAt: mark.at, lastAt: mark.at }];
  }

  #counts(mark: Mark, keys: KeyDigests): boolean {
    const known = this.#find(keys);
    this.#note(keys, known ?? mark);
    return known === undefined;
  }

  /** False when it did not count for this worker any more. Whoever takes back what is taken back already has the mark to see it by. */
  #uncounts(worker: number, keys: KeyDigests): boolean {
    const mark = this.#find(keys);
    if (mark === undefined) {
      this.#note(keys, { signature: undefined, worker, at: 0 });
      return true;
    }
    if (mark.signature === undefined || mark.worker !== worker) return false;
    mark.signature = undefined;
    return true;
  }

  #find(keys: KeyDigests): Mark | undefined {
    for (const key of keys) {
      const mark = this.#marks.get(key);
      if (mark !== undefined) return mark;
    }
    return undefined;
  }

  #note(keys: KeyDigests, mark: Mark): void {
    for (const key of keys) this.#marks.set(key, mark);
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= REMEMBERED) break;
      this.#marks.delete(oldest);
    }
  }
}
