/** What came with kept parts and went into no loop: trees of a trace that have not failed so far. In memory alone, the oldest goes first. */
import type { TransactionKey } from '../domain/ids.ts';
import type { PartContent } from '../wire/segments/part.ts';

export class Remainders {
  readonly #limit: number;
  readonly #parts = new Map<TransactionKey, PartContent[]>();
  #bytes = 0;

  /** `limit`: bytes of records. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(name: TransactionKey, part: PartContent): void {
    if (part.records.length === 0 || part.records.length > this.#limit) return;
    const parts = this.#parts.get(name) ?? [];
    this.#parts.delete(name);
    this.#parts.set(name, [...parts, part]);
    this.#bytes += part.records.length;
    for (const oldest of this.#parts.keys()) {
      if (this.#bytes <= this.#limit) break;
      this.forget([oldest]);
    }
  }

  of(names: readonly TransactionKey[]): readonly PartContent[] {
    return names.flatMap((name) => this.#parts.get(name) ?? []);
  }

  forget(names: readonly TransactionKey[]): void {
    for (const name of names) {
      for (const { records } of this.#parts.get(name) ?? []) this.#bytes -= records.length;
      this.#parts.delete(name);
    }
  }
}
