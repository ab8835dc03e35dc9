import { FieldWalk } from '../protobuf/fields.ts';
import type { FieldFault } from '../protobuf/fields.ts';

/**
 * Finds key and value of one entry {key 1, value 2} where they lie: of a map, or of a HeaderMap, whose entries have a second field for the
 * value. What is missing is empty, of a repeated field the last counts. Reused: `read` starts anew.
 */
export class KeyedEntry {
  keyStart = 0;
  keyEnd = 0;
  valueStart = 0;
  valueEnd = 0;
  readonly #walk = new FieldWalk();
  readonly #preferred: number | undefined;

  /** `preferred`: number of a field that counts before value 2 when both are there and it is not empty. */
  constructor(preferred?: number) {
    this.#preferred = preferred;
  }

  /** Of the entry that was read last; after a fault the rest means nothing. */
  get fault(): FieldFault | undefined {
    return this.#walk.fault;
  }

  /** How far the last reading came. */
  get end(): number {
    return this.#walk.end;
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    const walk = this.#walk.over(bytes, start, end);
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = end;
    let certain = false;
    while (walk.next()) {
      const preferred = this.#preferred !== undefined && walk.isBytes(this.#preferred) && walk.end > walk.start;
      if (walk.isBytes(1)) {
        this.keyStart = walk.start;
        this.keyEnd = walk.end;
      } else if (preferred || (walk.isBytes(2) && !certain)) {
        certain ||= preferred;
        this.valueStart = walk.start;
        this.valueEnd = walk.end;
      }
    }
  }
}
