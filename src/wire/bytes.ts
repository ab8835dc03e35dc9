/** Big-endian fields, zero-terminated strings and counted lists: what binary protocols write their messages with. */

/**
 * Reads fields off a message body. Past the end it yields zeros and empties and stays `failed`, so that a parser reads straight
 * through and asks once. Values are views into the body.
 */
export class Reader {
  readonly #bytes: Buffer;
  #offset = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A field ran past the end. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Every byte was read and none was missing: the body followed its grammar. */
  get done(): boolean {
    return !this.#failed && this.#offset === this.#bytes.length;
  }

  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  int8(): number {
    return this.#has(1) ? this.#bytes.readUInt8(this.#offset++) : 0;
  }

  int16(): number {
    return this.#has(2) ? this.#bytes.readInt16BE(this.#advance(2)) : 0;
  }

  uint16(): number {
    return this.#has(2) ? this.#bytes.readUInt16BE(this.#advance(2)) : 0;
  }

  int32(): number {
    return this.#has(4) ? this.#bytes.readInt32BE(this.#advance(4)) : 0;
  }

  uint32(): number {
    return this.#has(4) ? this.#bytes.readUInt32BE(this.#advance(4)) : 0;
  }

  int64(): bigint {
    return this.#has(8) ? this.#bytes.readBigInt64BE(this.#advance(8)) : 0n;
  }

  /** UTF-8 up to the next zero byte, which is consumed. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#offset);
    if (end === -1) return this.#fail('');
    const text = this.#bytes.toString('utf8', this.#offset, end);
    this.#offset = end + 1;
    return text;
  }

  take(count: number): Uint8Array {
    if (!this.#has(count)) return EMPTY;
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** An Int16 count and as many items. Fails at once when the body cannot hold them, so a lying count costs nothing. */
  list<Item>(item: () => Item): Item[] {
    const count = this.uint16();
    if (count > this.left) return this.#fail([]);
    const items: Item[] = [];
    for (let index = 0; index < count && !this.#failed; index++) items.push(item());
    return items;
  }

  #has(count: number): boolean {
    return count >= 0 && this.left >= count ? true : this.#fail(false);
  }

  #advance(count: number): number {
    const start = this.#offset;
    this.#offset += count;
    return start;
  }

  #fail<Value>(value: Value): Value {
    this.#failed = true;
    this.#offset = this.#bytes.length;
    return value;
  }
}

export const EMPTY: Uint8Array = new Uint8Array(0);

export function int8(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff);
}

export function int16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

export function int32(value: number): Uint8Array {
  return Uint8Array.of((value >> 24) & 0xff, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff);
}

export function int64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}

/** Zero-terminated UTF-8. */
export function text(value: string): Uint8Array {
  return Buffer.from(`${value}\0`, 'utf8');
}

/** An Int16 count and the items. */
export function list<Item>(items: readonly Item[], encode: (item: Item) => Uint8Array): Uint8Array {
  return concat([int16(items.length), ...items.map(encode)]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Memory of its own, also of a Buffer, whose `slice` is only a view: for bytes that are lent. */
export function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

/** Copies `start..end` of `bytes` into `into`, from `at` on. Returns where it ends; -1 for what is not plain ASCII, or does not fit. */
export function copyAscii(bytes: Uint8Array, start: number, end: number, into: Uint8Array, at: number): number {
  const length = end - start;
  if (at + length > into.length) return -1;
  for (let index = 0; index < length; index++) {
    const byte = bytes[start + index] ?? 0;
    if (byte >= 0x80) return -1;
    into[at + index] = byte;
  }
  return at + length;
}
