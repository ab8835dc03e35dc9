import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDescriptorSet, readFileDescriptors } from '../../../../src/wire/protobuf/descriptor.ts';
import { long } from '../../../../src/wire/protobuf/write.ts';
import { compile, SHOP, WELL_KNOWN } from '../../../support/descriptors.ts';

const text = (value: string) => Buffer.from(value);
const field = (number: number, ...parts: readonly Uint8Array[]) => Buffer.concat(long(number, Buffer.concat(parts)));
const number = (at: number, value: number) => Uint8Array.from([at << 3, value]);

/** One file with one message of these fields. */
const file = (...fields: readonly Uint8Array[]) =>
  field(4, Buffer.concat([field(1, text('M')), ...fields.map((one) => field(2, one))]));

describe('descriptors', () => {
  it('tell messages, enums and methods by their full names', () => {
    const { messages, enums, methods } = compile(WELL_KNOWN, SHOP).tables;
    expect(methods.get('/shop.Pricing/Quote')).toEqual({
      path: '/shop.Pricing/Quote',
      input: 'shop.Order',
      output: 'shop.Priced',
    });
    expect(messages.get('shop.Order')?.fields.get(17)).toEqual({
      number: 17,
      name: 'line',
      repeated: false,
      kind: 'message',
      typeName: 'shop.Order.Line',
    });
    expect([...messages.values()].filter(({ isEntry }) => isEntry)).toHaveLength(3);
    expect(enums.get('shop.Level')?.get(2)).toBe('GOLD');
  });

  it('without what is no name, no number or no type: those fields have none', () => {
    const good = field(1, text('sku'));
    const tables = readFileDescriptors([
      file(
        Buffer.concat([good, number(3, 1), number(5, 9)]),
        Buffer.concat([field(1, text('a b')), number(3, 2), number(5, 9)]),
        Buffer.concat([field(1, text('x'.repeat(300))), number(3, 3), number(5, 9)]),
        Buffer.concat([field(1, text('zero')), number(3, 0), number(5, 9)]),
        Buffer.concat([field(1, text('group')), number(3, 4), number(5, 10)]),
        Buffer.concat([field(1, text('untyped')), number(3, 5), number(5, 11)]),
        // A second field of the name, or of the number, would hide the first.
        Buffer.concat([good, number(3, 6), number(5, 9)]),
        Buffer.concat([field(1, text('other')), number(3, 1), number(5, 9)]),
      ),
    ]);
    expect(
      'fault' in tables ? tables : [...(tables.messages.get('M')?.fields.values() ?? [])].map(({ name }) => name),
    ).toEqual(['sku']);
  });

  it.each([
    ['nothing', Uint8Array.of(), 'no-descriptors'],
    ['something else', Uint8Array.of(0x12, 1, 0), 'no-descriptors'],
    ['bytes that break off', field(1, file()).subarray(0, 5), 'truncated'],
    ['a group', Uint8Array.of(0x0b), 'group'],
  ])('%s is none', (_what, bytes, fault) => expect(readDescriptorSet(bytes)).toEqual({ fault }));

  it('of 100,000 fields, or a hundred messages deep, are refused when they are not trusted', () => {
    const one = Buffer.concat([field(1, text('sku')), number(3, 1), number(5, 9)]);
    const wide = field(
      4,
      Buffer.concat([field(1, text('M')), ...Array.from({ length: 100_000 }, () => field(2, one))]),
    );
    expect(readFileDescriptors([wide], { members: 20_000 })).toEqual({ fault: 'too-many' });
    let deep: Uint8Array = field(1, text('M'));
    for (let depth = 0; depth < 100; depth++) deep = Buffer.concat([field(1, text('M')), field(3, deep)]);
    expect(readFileDescriptors([field(4, deep)])).toEqual({ fault: 'too-deep' });
  });

  it('of any bytes at all are read or refused', () => {
    const { set } = compile(SHOP.replace(/google\.protobuf\.\w+/g, 'Line'));
    fc.assert(
      fc.property(fc.nat(set.length - 1), fc.nat(255), (at, byte) => {
        const bent = Uint8Array.from(set);
        bent[at] = byte;
        expect(() => readDescriptorSet(bent)).not.toThrow();
        expect(() => readDescriptorSet(set.subarray(0, at))).not.toThrow();
      }),
      { numRuns: 300 },
    );
    expect(() => readDescriptorSet(randomBytes(5000))).not.toThrow();
  });
});
