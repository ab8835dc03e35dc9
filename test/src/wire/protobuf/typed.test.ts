import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaOf } from '../../../../src/wire/protobuf/schema.ts';
import { readTyped, writeTyped } from '../../../../src/wire/protobuf/typed.ts';
import { compile, SHOP, WELL_KNOWN } from '../../../support/descriptors.ts';

const shop = compile(WELL_KNOWN, SHOP);
const schema = schemaOf(shop.tables);

function typed(bytes: Uint8Array, name = 'shop.Order') {
  const type = schema.message(name);
  if (type === undefined) throw new Error(`There is no ${name}.`);
  return readTyped(bytes, type, schema);
}

describe('a descriptor that does not fit', () => {
  it.each([
    ['a wire type', 'shop.Priced', [0x12, 1, 0x41]],
    ['text that is no UTF-8', 'shop.Priced', [0x0a, 2, 0xff, 0xfe]],
    ['a message that breaks off', 'shop.Order', [0x0a, 9, 0x41]],
    ['packed values that do not come out even', 'shop.Order', [0x22, 2, 0x01, 0x80]],
    ['a varint above 64 bits', 'shop.Order', [0x10, ...Array.from({ length: 9 }, () => 0xff), 0x7f]],
  ])('%s: nothing is read', (_what, name, bytes) => expect(typed(Uint8Array.from(bytes), name)).toBeUndefined());

  it('messages too deep, or of too many values: nothing is read', () => {
    let deep: Uint8Array = Uint8Array.of();
    for (let depth = 0; depth < 40; depth++) deep = Uint8Array.from([0xa2, 0x01, ...varint(deep.length), ...deep]);
    expect(typed(deep)).toBeUndefined();
    expect(typed(shop.encode('shop.Order', { sizes: Array.from({ length: 30_000 }, () => 1) }))).toBeUndefined();
    expect(typed(shop.encode('shop.Order', { tags: Array.from({ length: 30_000 }, () => '') }))).toBeUndefined();
  });
});

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
}

describe('written again', () => {
  const value = fc.record({
    sku: fc.string({ unit: 'grapheme' }),
    count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    sizes: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    labels: fc.dictionary(fc.string(), fc.string()),
    price: fc.double(),
    change: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    hash: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
    thumbnail: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    line: fc.record({ name: fc.string() }),
  });

  it('gives the same message', () => {
    fc.assert(
      fc.property(value, (one) => {
        const bytes = shop.encode('shop.Order', one);
        const read = typed(bytes);
        expect(read && Buffer.from(writeTyped(read)).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('whatever the bytes are, reading ends, and what was read reads the same', () => {
    const differs = (bytes: Uint8Array) => {
      const read = typed(bytes);
      return read !== undefined && !isDeepStrictEqual(typed(writeTyped(read)), read);
    };
    const found = fc.check(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !differs(bytes)),
      { numRuns: 500 },
    );
    expect(found.counterexample).toBeNull();
  });
});
