/** What happened lately, numbered: each reader goes through it at its own pace, and nothing is held per reader. */
import type { LoopId } from '../domain/ids.ts';
import type { LoopEvent } from './contract/results.ts';

export interface NumberedEvent {
  readonly id: number;
  readonly event: LoopEvent;
}

/** Events held, and their JSON, characters. Who falls behind further is told `missed`. */
const MOST_EVENTS = 2_000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

const MISSED: LoopEvent = { kind: 'missed' };
const MISSED_SIZE = JSON.stringify(MISSED).length;

interface Held extends NumberedEvent {
  readonly size: number;
}

export class EventLog {
  #held: Held[] = [];
  #size = 0;
  #next: number;
  readonly #listeners = new Set<() => void>();

  /**
   * `first` is the number of the first event: Unix ms of the start, say. It has to be beyond every number of a former life, so that a reader of
   * that one is told that it missed something.
   */
  constructor(first: number) {
    this.#next = first;
  }

  /** Of the newest event, or of the one before the first. */
  get newest(): number {
    return this.#next - 1;
  }

  publish(event: LoopEvent): void {
    if (event.kind === 'loop-deleted') this.#forget(event.id);
    const size = JSON.stringify(event).length;
    this.#held.push({ id: this.#next++, event, size });
    this.#size += size;
    let gone = 0;
    while (this.#held.length - gone > MOST_EVENTS || (this.#size > MOST_CHARACTERS && this.#held.length - gone > 1))
      this.#size -= this.#held[gone++]?.size ?? 0;
    if (gone > 0) this.#held = this.#held.slice(gone);
    for (const listener of this.#listeners) listener();
  }

  /** What was told of a loop goes with it: who asks from before that reads the lists again. */
  #forget(loop: LoopId): void {
    this.#held = this.#held.map((held) => {
      const { event } = held;
      if ((event.kind !== 'loop-kept' && event.kind !== 'loop-changed') || event.loop.id !== loop) return held;
      this.#size -= held.size - MISSED_SIZE;
      return { id: held.id, event: MISSED, size: MISSED_SIZE };
    });
  }

  /** The first one behind `id`. `missed`: what followed `id` is not there any more, or never was. Undefined: there is none yet. */
  after(id: number): NumberedEvent | 'missed' | undefined {
    if (id === this.newest) return undefined;
    const oldest = this.#held[0]?.id ?? this.#next;
    return id > this.newest || id + 1 < oldest ? 'missed' : this.#held[id + 1 - oldest];
  }

  /** Calls `listener` behind each event until it is told to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
