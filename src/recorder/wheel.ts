import type { Clock } from '../domain/clock.ts';
import type { Schedule } from './options.ts';

/**
 * Calls back for many items at their times with one timer: items wait in slots of `slotMs`, never called early, at most a slot late.
 * An item may be added more than once and is then called as often.
 */
export class Wheel<Item> {
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  readonly #slotMs: number;
  readonly #due: (item: Item, now: number) => void;
  readonly #slots = new Map<number, Item[]>();
  #cancel: (() => void) | undefined;
  #next = Infinity;

  constructor(clock: Clock, schedule: Schedule, slotMs: number, due: (item: Item, now: number) => void) {
    this.#clock = clock;
    this.#schedule = schedule;
    this.#slotMs = slotMs;
    this.#due = due;
  }

  /** `at`: Unix ms. */
  add(item: Item, at: number): void {
    const slot = Math.ceil(at / this.#slotMs);
    const waiting = this.#slots.get(slot);
    if (waiting === undefined) this.#slots.set(slot, [item]);
    else waiting.push(item);
    if (slot < this.#next) this.#arm(slot);
  }

  /** Forgets everything that waits. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#next = Infinity;
    this.#slots.clear();
  }

  #arm(slot: number): void {
    this.#cancel?.();
    this.#next = slot;
    this.#cancel = this.#schedule(Math.max(0, slot * this.#slotMs - this.#clock.now()), () => this.#run());
  }

  #run(): void {
    this.#cancel = undefined;
    this.#next = Infinity;
    const now = this.#clock.now();
    const due = [...this.#slots.keys()]
      .filter((slot) => slot * this.#slotMs <= now)
      .toSorted((one, other) => one - other);
    const items = due.flatMap((slot) => this.#slots.get(slot) ?? []);
    for (const slot of due) this.#slots.delete(slot);
    for (const item of items) this.#due(item, now);
    const next = Math.min(...this.#slots.keys());
    if (next < this.#next) this.#arm(next);
  }
}
