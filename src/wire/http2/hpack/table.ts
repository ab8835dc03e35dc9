import type { Field } from './field.ts';
import { STATIC_TABLE } from './static-table.ts';

/** SETTINGS_HEADER_TABLE_SIZE, which we leave as it is: what a peer may use before it has read ours. */
const TABLE_BYTES = 4096;
/** No entry is smaller than 32 bytes. */
const MOST_ENTRIES = TABLE_BYTES / 32;
const MASK = MOST_ENTRIES - 1;

/** Static and dynamic entries under one index. https://www.rfc-editor.org/rfc/rfc7541#section-2.3 */
export class FieldTable {
  readonly #ring: (Field | undefined)[] = [];
  #newest = 0;
  #count = 0;
  #bytes = 0;
  #limit = TABLE_BYTES;
  #generation = 0;

  /** Another number whenever an index may mean something else. */
  get generation(): number {
    return this.#generation;
  }

  at(index: number): Field | undefined {
    if (index <= STATIC_TABLE.length) return STATIC_TABLE[index - 1];
    const back = index - STATIC_TABLE.length - 1;
    return back < this.#count ? this.#ring[(this.#newest - back) & MASK] : undefined;
  }

  insert(field: Field): void {
    const { size } = field;
    this.#generation += 1;
    this.#evict(this.#limit - size);
    if (size > this.#limit) return;
    this.#newest = (this.#newest + 1) & MASK;
    this.#ring[this.#newest] = field;
    this.#count += 1;
    this.#bytes += size;
  }

  /** False: more than was allowed. */
  resize(limit: number): boolean {
    if (limit > TABLE_BYTES) return false;
    this.#generation += 1;
    this.#limit = limit;
    this.#evict(limit);
    return true;
  }

  #evict(limit: number): void {
    while (this.#bytes > limit && this.#count > 0) {
      const at = (this.#newest - this.#count + 1) & MASK;
      this.#bytes -= this.#ring[at]?.size ?? 0;
      this.#ring[at] = undefined;
      this.#count -= 1;
    }
  }
}
