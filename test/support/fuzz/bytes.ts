/** What is done to the bytes of one protobuf message. Every mutation gives bytes of its own and names itself. */
import type { Random } from './random.ts';

type Mutate = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** By name; `other` is a message to splice with. */
const MUTATIONS: Readonly<Record<string, Mutate>> = {
  bitFlips(bytes, random) {
    const mutated = Uint8Array.from(bytes);
    for (let count = 1 + random.below(8); count > 0 && mutated.length > 0; count--) {
      const at = random.below(mutated.length);
      mutated[at] = (mutated[at] ?? 0) ^ (1 << random.below(8));
    }
    return mutated;
  },
  /** The tags and lengths at the front decide most. */
  flipFront(bytes, random) {
    const mutated = Uint8Array.from(bytes);
    const at = random.below(Math.min(24, mutated.length));
    if (mutated.length > 0) mutated[at] = random.below(256);
    return mutated;
  },
  truncated: (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  trailing: (bytes, random) => joined(bytes, random.bytes(1 + random.below(16))),
  spliced: (bytes, random, other) =>
    joined(bytes.slice(0, random.below(bytes.length + 1)), other.slice(random.below(other.length + 1))),
  repeated: (bytes, random) => joined(...Array.from({ length: 2 + random.below(20) }, () => bytes)),
  withOther: (bytes, _random, other) => joined(bytes, other),
  absurdLength(bytes, random) {
    const number = 1 + random.below(12);
    const length = random.pick([0x7fff_ffffn, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]);
    return joined(bytes, varint((BigInt(number) << 3n) | 2n), varint(length), random.bytes(random.below(8)));
  },
  endlessVarint: (bytes, random) => joined(bytes, varint(BigInt((1 + random.below(12)) << 3)), fill(0xff, 11)),
  groups: (bytes, random) => {
    const number = 1 + random.below(12);
    return joined(bytes, Uint8Array.of((number << 3) | 3, 0x08, 0x01, (number << 3) | random.pick([3, 4, 6, 7])));
  },
  hugeField: (bytes, random) =>
    joined(varint(BigInt(random.pick([536_870_911, 4_294_967_295])) << 3n), varint(1n), bytes),
  /** A field inside itself: a Struct in a Value in a Struct, a HeaderMap in a HeaderValue, an Address in an Address. */
  nested(bytes, random) {
    let inner: Uint8Array = bytes.slice(0, 200);
    const [one, other] = random.pick([
      [1, 2],
      [2, 5],
      [5, 1],
      [1, 1],
    ] as const);
    for (let depth = 10 + random.below(400); depth > 0; depth--) inner = field(depth % 2 === 0 ? one : other, inner);
    return field(random.pick([2, 3, 4, 5, 6, 7, 9]), inner);
  },
  manyEmptyFields: (bytes, random) =>
    joined(bytes, ...Array.from({ length: random.below(3000) }, () => Uint8Array.of(0x0a, 0x00))),
  wrongWireTypes(bytes, random) {
    const mutated = Uint8Array.from(bytes);
    const first = mutated[0];
    if (first !== undefined) mutated[0] = (first & 0xf8) | random.below(8);
    return mutated;
  },
  empty: () => new Uint8Array(0),
  noise: (_bytes, random) => random.bytes(random.below(300)),
};

export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let mutated = bytes;
  for (let count = 1 + random.below(3); count > 0; count--)
    mutated = random.pick(Object.values(MUTATIONS))(mutated, random, other);
  return mutated.length > LARGEST ? mutated.slice(0, LARGEST) : mutated;
}

/** Of a mutated message, bytes. */
const LARGEST = 512 * 1024;

/** A length-delimited field. */
export function field(number: number, bytes: Uint8Array): Uint8Array {
  return joined(varint((BigInt(number) << 3n) | 2n), varint(BigInt(bytes.length)), bytes);
}

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

function fill(byte: number, count: number): Uint8Array {
  return new Uint8Array(count).fill(byte);
}
