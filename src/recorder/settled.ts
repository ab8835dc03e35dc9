import type { Entry } from './entry.ts';

/** Transactions at rest, longest first. They are chained to each other: a Set pays for each one that has left its front. */
export class Settled {
  #first: Entry | undefined;
  #last: Entry | undefined;

  /** One that is here keeps its place. */
  add(entry: Entry): void {
    if (entry.settled) return;
    entry.settled = true;
    entry.before = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.after = entry;
    this.#last = entry;
  }

  delete(entry: Entry): void {
    if (!entry.settled) return;
    const { before, after } = entry;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    entry.settled = false;
    entry.before = undefined;
    entry.after = undefined;
  }

  /** The one that has been at rest for longest; it leaves. */
  take(): Entry | undefined {
    const entry = this.#first;
    if (entry !== undefined) this.delete(entry);
    return entry;
  }
}
