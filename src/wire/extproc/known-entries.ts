import { FieldWalk } from '../protobuf/fields.ts';
import { KeyedEntry } from './keyed-entry.ts';

/** How entries {key 1, value 2} are read. */
export interface KnownNames {
  /** ASCII, lower-case where `anyCase`. */
  readonly names: readonly string[];
  readonly anyCase: boolean;
  /** A field that counts before value 2 (keyed-entry.ts). */
  readonly preferred?: number;
}

interface Known {
  readonly index: number;
  readonly codes: Uint8Array;
}

const BYTES_1 = 0x0a;
const BYTES_2 = 0x12;
const NO_NAMES: readonly Known[] = [];

/**
 * Finds the first value of each of a few names in one walk over a message whose field 1 are entries: a HeaderMap, or a Struct. What lies in
 * the usual form (one-byte tags, the key first, one value) is read straight off; anything else by the general walk, with the same outcome.
 * A broken message ends the search. Reused: `scan` starts anew.
 */
export class KnownEntries {
  readonly #byLength: readonly (readonly Known[])[];
  readonly #anyCase: boolean;
  readonly #preferredTag: number;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #map = new FieldWalk();
  readonly #entry: KeyedEntry;

  constructor({ names, anyCase, preferred }: KnownNames) {
    const longest = Math.max(...names.map((name) => name.length));
    const known = names.map((name, index) => ({ index, codes: new Uint8Array(Buffer.from(name, 'latin1')) }));
    this.#byLength = Array.from({ length: longest + 1 }, (_none, length) =>
      known.filter(({ codes }) => codes.length === length),
    );
    this.#anyCase = anyCase;
    this.#preferredTag = preferred === undefined ? BYTES_2 : (preferred << 3) | 2;
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
    this.#entry = new KeyedEntry(preferred);
  }

  /** Where the value of the name with this index begins; -1 when it was not there. */
  start(index: number): number {
    return this.#starts[index] ?? -1;
  }

  end(index: number): number {
    return this.#ends[index] ?? -1;
  }

  has(index: number): boolean {
    return this.start(index) >= 0;
  }

  scan(bytes: Uint8Array, start: number, end: number): void {
    for (let index = 0; index < this.#starts.length; index++) this.#starts[index] = -1;
    const read = this.#scanUsual(bytes, start, end);
    if (read < end) this.#scanAny(bytes, read, end);
  }

  /** Returns how far everything lay in the usual form. */
  #scanUsual(bytes: Uint8Array, start: number, limit: number): number {
    const end = Math.min(limit, bytes.length);
    let at = start;
    while (at + 2 <= end && bytes[at] === BYTES_1) {
      let keyAt = at + 2;
      let length = bytes[at + 1] ?? 0;
      if (length >= 0x80) {
        const more = bytes[at + 2] ?? 0;
        if (more >= 0x80) return at;
        length = (length & 0x7f) | (more << 7);
        keyAt = at + 3;
      }
      const entryEnd = keyAt + length;
      if (entryEnd > end || !this.#readUsual(bytes, keyAt, entryEnd)) return at;
      at = entryEnd;
    }
    return at;
  }

  #readUsual(bytes: Uint8Array, at: number, end: number): boolean {
    if (at + 4 > end || bytes[at] !== BYTES_1) return false;
    const keyEnd = at + 2 + (bytes[at + 1] ?? 0);
    // A key of 128 bytes and more has a length that reads as more than is asked for.
    if (keyEnd + 2 > end || keyEnd > at + 129) return false;
    const tag = bytes[keyEnd];
    if (tag !== BYTES_2 && tag !== this.#preferredTag) return false;
    let valueStart = keyEnd + 2;
    let length = bytes[keyEnd + 1] ?? 0;
    if (length >= 0x80) {
      const more = bytes[keyEnd + 2] ?? 0;
      if (more >= 0x80) return false;
      length = (length & 0x7f) | (more << 7);
      valueStart = keyEnd + 3;
    }
    if (valueStart + length !== end) return false;
    this.#note(bytes, at + 2, keyEnd, valueStart, end);
    return true;
  }

  #scanAny(bytes: Uint8Array, start: number, end: number): void {
    const map = this.#map.over(bytes, start, end);
    const entry = this.#entry;
    while (map.next()) {
      if (!map.isBytes(1)) continue;
      entry.read(bytes, map.start, map.end);
      if (entry.fault !== undefined) return;
      this.#note(bytes, entry.keyStart, entry.keyEnd, entry.valueStart, entry.valueEnd);
    }
  }

  #note(bytes: Uint8Array, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const ofLength = this.#byLength[keyEnd - keyStart] ?? NO_NAMES;
    for (let one = 0; one < ofLength.length; one++) {
      const known = ofLength[one];
      if (known === undefined || !this.#isName(bytes, keyStart, known.codes)) continue;
      if (this.start(known.index) >= 0) return;
      this.#starts[known.index] = valueStart;
      this.#ends[known.index] = valueEnd;
      return;
    }
  }

  #isName(bytes: Uint8Array, start: number, codes: Uint8Array): boolean {
    // From the end: names of one length mostly begin alike.
    for (let index = codes.length - 1; index >= 0; index--) {
      const byte = bytes[start + index] ?? 0;
      if (byte === codes[index]) continue;
      const isUpper = this.#anyCase && byte >= 0x41 && byte <= 0x5a;
      if (!isUpper || (byte | 0x20) !== codes[index]) return false;
    }
    return true;
  }
}
