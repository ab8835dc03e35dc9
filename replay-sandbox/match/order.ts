/**
 * Gives answers in recorded order: one is held until those that were recorded before it were given, over all peers and protocols. Who asks for
 * what nobody asks for any more does not hold the others for ever.
 */
import type { StageTime } from '../time/stage-time.ts';

/** A recorded answer that somebody may ask for. */
export interface Awaited {
  readonly id: string;
  /** `GET /prices/7 at pricing`. */
  readonly line: string;
  /** Unix ms of its question, and of the end of its answer, in the recording. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Ms without any answer, of the stage's time, after which what is not asked is not waited for. */
const STALL_MS = 2000;
/** What was answered first is to be read first, also on another connection. */
const APART_MS = 2;
/** Named in one explanation. */
const NAMED = 3;

interface Held {
  readonly ids: readonly string[];
  readonly endedAt: number;
  readonly give: (notes: readonly string[]) => void;
}

export class Order {
  readonly #time: Pick<StageTime, 'after'>;
  readonly #awaited = new Map<string, Awaited>();
  /** All that was ever expected, by its end; what stands before `#at` was given. */
  #byEnd: readonly Awaited[] = [];
  #at = 0;
  /** Unix ms by id, of all that was ever expected. */
  readonly #endOf = new Map<string, number>();
  readonly #held = new Set<Held>();
  #notes: readonly string[] = [];
  #stop: (() => void) | undefined;
  #resting = false;

  constructor(time: Pick<StageTime, 'after'>) {
    this.#time = time;
  }

  expect(answers: Iterable<Awaited>): void {
    for (const one of answers) {
      this.#awaited.set(one.id, one);
      this.#endOf.set(one.id, one.endedAt);
    }
    this.#byEnd = [...this.#awaited.values()].toSorted((one, other) => one.endedAt - other.endedAt);
    this.#at = 0;
  }

  /** Calls `give` when it is the turn of these answers, which is at once where nothing was expected of them. True: it was at once. */
  turn(ids: readonly string[], give: (notes: readonly string[]) => void): boolean {
    const ends = ids.flatMap((id) => this.#endOf.get(id) ?? []);
    const one: Held = { ids, endedAt: Math.max(...ends), give };
    if (ends.length > 0 && (this.#waits(one) || this.#resting)) {
      this.#held.add(one);
      this.#watch();
      return false;
    }
    this.#give(one, []);
    return true;
  }

  /** It was given by whoever does not hold its answers. */
  given(id: string): void {
    if (this.#awaited.delete(id) && !this.#resting) this.#release();
  }

  close(): void {
    this.#stop?.();
  }

  /** The first that is still awaited decides. */
  #waits({ ids, endedAt }: Held): boolean {
    const isGiven = (at: number): boolean => !this.#awaited.has(this.#byEnd[at]?.id ?? '');
    while (this.#at < this.#byEnd.length && isGiven(this.#at)) this.#at += 1;
    for (let at = this.#at; at < this.#byEnd.length; at++) {
      const other = this.#byEnd[at];
      if (other === undefined || other.endedAt >= endedAt) return false;
      if (!isGiven(at) && !ids.includes(other.id)) return true;
    }
    return false;
  }

  #before({ ids, endedAt }: Held): readonly Awaited[] {
    return [...this.#awaited.values()].filter((other) => other.endedAt < endedAt && !ids.includes(other.id));
  }

  #give(one: Held, notes: readonly string[]): void {
    for (const id of one.ids) this.#awaited.delete(id);
    one.give(notes);
    if (this.#held.size === 0) return;
    this.#resting = true;
    this.#time.after(APART_MS, () => {
      this.#resting = false;
      this.#release();
    });
  }

  /** The earliest whose turn it is. The others follow it. */
  #release(): void {
    const first = this.#earliest();
    this.#watch();
    if (first === undefined || this.#waits(first)) return;
    this.#held.delete(first);
    const notes = this.#notes;
    this.#notes = [];
    this.#give(first, notes);
  }

  #earliest(): Held | undefined {
    let first: Held | undefined;
    for (const one of this.#held) if (first === undefined || one.endedAt < first.endedAt) first = one;
    return first;
  }

  #watch(): void {
    this.#stop?.();
    this.#stop = this.#held.size === 0 ? undefined : this.#time.after(STALL_MS, () => this.#stalled());
  }

  #stalled(): void {
    const first = this.#earliest();
    if (first === undefined) return;
    const missing = this.#before(first);
    for (const { id } of missing) this.#awaited.delete(id);
    const named = missing.slice(0, NAMED).map(({ line }) => line);
    const more = missing.length > NAMED ? `, and ${missing.length - NAMED} more` : '';
    if (missing.length > 0)
      this.#notes = [`waited ${STALL_MS / 1000} s for ${named.join(', ')}${more}, which was not asked`];
    this.#release();
  }
}
