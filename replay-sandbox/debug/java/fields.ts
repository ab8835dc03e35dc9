/** The fields packets are made of. Ids have the length the VM says; they are kept as text (hexadecimal) and only given back. */

/** Bytes of each kind of id. */
export interface IdSizes {
  readonly field: number;
  readonly method: number;
  readonly object: number;
  readonly referenceType: number;
  readonly frame: number;
}

/** What HotSpot says. */
export const USUAL_SIZES: IdSizes = { field: 8, method: 8, object: 8, referenceType: 8, frame: 8 };

export type Id = string;

export interface Location {
  readonly class: Id;
  readonly method: Id;
  readonly index: bigint;
}

/** A value with its type tag (a character of the JNI signature): a number, or the id of an object. */
export type TaggedValue =
  | { readonly kind: 'primitive'; readonly text: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'object'; readonly tag: string; readonly id: Id };

/** Reads beyond the end give nothing, and `short` says so: packets of a VM are not to be trusted more than others'. */
export class Fields {
  readonly #bytes: Buffer;
  readonly #sizes: IdSizes;
  #at = 0;
  short = false;

  constructor(bytes: Buffer, sizes: IdSizes) {
    this.#bytes = bytes;
    this.#sizes = sizes;
  }

  #take(length: number): Buffer {
    if (length >= 0 && this.#at + length <= this.#bytes.length) {
      this.#at += length;
      return this.#bytes.subarray(this.#at - length, this.#at);
    }
    this.short = true;
    this.#at = this.#bytes.length;
    return Buffer.alloc(Math.min(8, Math.max(0, length)));
  }

  u8(): number {
    return this.#take(1).readUInt8();
  }

  i32(): number {
    return this.#take(4).readInt32BE();
  }

  i64(): bigint {
    return this.#take(8).readBigInt64BE();
  }

  text(): string {
    return this.#take(this.i32()).toString('utf8');
  }

  id(kind: keyof IdSizes): Id {
    return this.#take(this.#sizes[kind]).toString('hex');
  }

  /** So many of something, each at least a byte. */
  list<T>(read: () => T, count = this.i32()): readonly T[] {
    const values: T[] = [];
    while (values.length < count && !this.short) values.push(read());
    return values;
  }

  location(): Location {
    this.u8(); // Whether it is a class or an interface.
    return { class: this.id('referenceType'), method: this.id('method'), index: this.i64() };
  }

  tagged(): TaggedValue {
    return this.value(String.fromCharCode(this.u8()));
  }

  value(tag: string): TaggedValue {
    const primitive = PRIMITIVES[tag];
    if (primitive !== undefined) return { kind: 'primitive', text: primitive((length) => this.#take(length)) };
    const id = this.id('object');
    return /^0*$/.test(id) ? { kind: 'null' } : { kind: 'object', tag, id };
  }
}

type Take = (length: number) => Buffer;

const PRIMITIVES: Readonly<Record<string, (take: Take) => string>> = {
  V: () => 'void',
  Z: (take) => (take(1).readUInt8() === 0 ? 'false' : 'true'),
  B: (take) => String(take(1).readInt8()),
  C: (take) => `'${JSON.stringify(String.fromCharCode(take(2).readUInt16BE())).slice(1, -1)}'`,
  S: (take) => String(take(2).readInt16BE()),
  I: (take) => String(take(4).readInt32BE()),
  J: (take) => String(take(8).readBigInt64BE()),
  F: (take) => String(Number(take(4).readFloatBE().toPrecision(8))),
  D: (take) => String(take(8).readDoubleBE()),
};

export function u8(value: number): Buffer {
  return Buffer.of(value);
}

export function i32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([i32(bytes.length), bytes]);
}

export function idBytes(id: Id): Buffer {
  return Buffer.from(id, 'hex');
}

export function locationBytes({ class: type, method, index }: Location): Buffer {
  const at = Buffer.alloc(8);
  at.writeBigInt64BE(index);
  return Buffer.concat([u8(1), idBytes(type), idBytes(method), at]);
}
