/**
 * Walks the fields of one protobuf message where it lies: no copy, no decoding, no allocation per field.
 * https://protobuf.dev/programming-guides/encoding/ (tag = varint of number << 3 | wire type).
 */

/**
 * - `truncated`  a varint or a payload runs past the end of its message
 * - `bad-varint` longer than the ten bytes a 64-bit value can take
 * - `bad-tag`    field number 0, a tag above 32 bits, or wire type 6 or 7
 * - `group`      wire types 3 and 4: proto3 has none, and skipping them needs recursion
 */
export type FieldFault = 'truncated' | 'bad-varint' | 'bad-tag' | 'group';

export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const MAX_VARINT_BYTES = 10;
const MAX_TAG = 0xffff_ffff;

/** `while (walk.next()) …` visits every field; afterwards `fault` tells whether the end was reached. Reused: `over` starts anew. */
export class FieldWalk {
  /** Of the field just visited: its number, wire type, where its payload lies, and its value when it is a varint (rounded above 2^53). */
  field = 0;
  wireType = 0;
  start = 0;
  end = 0;
  value = 0;
  fault: FieldFault | undefined = undefined;

  #bytes: Uint8Array = new Uint8Array(0);
  #limit = 0;

  over(bytes: Uint8Array, start: number, end: number): this {
    this.#bytes = bytes;
    this.#limit = Math.min(end, bytes.length);
    this.end = start;
    this.fault = undefined;
    return this;
  }

  next(): boolean {
    if (this.fault !== undefined || this.end >= this.#limit) return false;
    const tag = this.#varint();
    if (tag < 0) return false;
    this.field = tag >>> 3;
    this.wireType = tag & 7;
    if (tag > MAX_TAG || this.field === 0) return this.#fail('bad-tag');
    return this.#payload();
  }

  /** True for a length-delimited field of this number: anything else under the number is an unknown field, as the specification has it. */
  isBytes(field: number): boolean {
    return this.field === field && this.wireType === WireType.bytes;
  }

  isVarint(field: number): boolean {
    return this.field === field && this.wireType === WireType.varint;
  }

  #payload(): boolean {
    this.start = this.end;
    switch (this.wireType) {
      case WireType.varint:
        this.value = this.#varint();
        return this.value >= 0;
      case WireType.fixed64:
        return this.#take(8);
      case WireType.fixed32:
        return this.#take(4);
      case WireType.bytes: {
        const length = this.#varint();
        this.start = this.end;
        return length >= 0 && this.#take(length);
      }
      default:
        return this.#fail(this.wireType <= 4 ? 'group' : 'bad-tag');
    }
  }

  #take(length: number): boolean {
    // A length may be anything up to 2^64: compared as a number, never added in 32 bits.
    if (length > this.#limit - this.end) return this.#fail('truncated');
    this.end += length;
    return true;
  }

  /** Reads at `end` and moves it. -1 after a fault. */
  #varint(): number {
    if (this.end >= this.#limit) return this.#failVarint('truncated');
    const first = this.#bytes[this.end++] ?? 0;
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 128;
    for (let count = 1; count < MAX_VARINT_BYTES; count++) {
      if (this.end >= this.#limit) return this.#failVarint('truncated');
      const byte = this.#bytes[this.end++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    return this.#failVarint('bad-varint');
  }

  #fail(fault: FieldFault): false {
    this.fault = fault;
    return false;
  }

  #failVarint(fault: FieldFault): -1 {
    this.fault = fault;
    return -1;
  }
}
