/** What an ingest thread has handed over and the main thread has not taken: messages wait in memory that nobody bounds. */
import type { RecordedPart } from '../recorder/part.ts';

/** Of each worker. A main thread that comes to it takes so much in milliseconds. */
const LIMIT_BYTES = 32 * 1024 * 1024;

export class Handover {
  readonly #full: (full: boolean) => void;
  readonly #limit: number;
  #bytes = 0;

  /** `full`: told whether more may be handed over, whenever that changes. */
  constructor(full: (full: boolean) => void, limit = LIMIT_BYTES) {
    this.#full = full;
    this.#limit = limit;
  }

  /** On the way. */
  get bytes(): number {
    return this.#bytes;
  }

  given(part: RecordedPart): void {
    this.#change(partBytes(part));
  }

  taken(bytes: number): void {
    this.#change(-bytes);
  }

  #change(by: number): void {
    const before = this.#bytes >= this.#limit;
    this.#bytes += by;
    const after = this.#bytes >= this.#limit;
    if (before !== after) this.#full(after);
  }
}

/** With its neighbours. A part that only tells of losses is something, too. */
export function partBytes({ records, around }: RecordedPart): number {
  return (around?.neighbours ?? []).reduce((sum, neighbour) => sum + neighbour.records.length, records.length + 1000);
}
