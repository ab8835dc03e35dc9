import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { readFields } from '../../../../src/wire/protobuf/read.ts';
import { writeFields } from '../../../../src/wire/protobuf/write.ts';

/** `1:08 96 01` reads as hex digits, spaces free. */
const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

describe('a message without its schema', () => {
  it.each([
    ['nothing', '', []],
    ['a varint', '08 96 01', [{ kind: 'varint', number: 1, value: 150n }]],
    ['minus one', '10 ff ff ff ff ff ff ff ff ff 01', [{ kind: 'varint', number: 2, value: 2n ** 64n - 1n }]],
    ['fixed fields', '1d 00 00 80 3f', [{ kind: 'fixed32', number: 3, value: 0x3f800000 }]],
    ['a fixed64', '21 01 00 00 00 00 00 00 80', [{ kind: 'fixed64', number: 4, value: 2n ** 63n + 1n }]],
    ['text', '0a 02 68 69', [{ kind: 'text', number: 1, text: 'hi' }]],
    ['an empty one of any sort', '0a 00', [{ kind: 'text', number: 1, text: '' }]],
    [
      'a message in a message',
      '12 04 08 01 10 02',
      [
        {
          kind: 'message',
          number: 2,
          fields: [
            { kind: 'varint', number: 1, value: 1n },
            { kind: 'varint', number: 2, value: 2n },
          ],
        },
      ],
    ],
    ['bytes', '0a 02 ff fe', [{ kind: 'bytes', number: 1, bytes: hex('ff fe') }]],
    ['a high number', 'fa ff ff ff 0f 01 61', [{ kind: 'text', number: 0x1fff_ffff, text: 'a' }]],
  ])('%s', (_what, bytes, fields) => {
    expect(readFields(hex(bytes))).toEqual(fields);
    expect(writeFields(fields as never)).toEqual(new Uint8Array(hex(bytes)));
  });

  it.each([
    ['cut short', '0a 05 68 69', 'truncated'],
    ['a varint without end', '08 ff ff ff ff ff ff ff ff ff ff 01', 'bad-varint'],
    ['a group', '0b 0c', 'group'],
    ['field 0', '00 01', 'bad-tag'],
    ['a padded varint', '08 80 00', 'not-canonical'],
    ['a padded length', '0a 81 00 61', 'not-canonical'],
    ['a padded tag', '88 00 01', 'not-canonical'],
    ['more than 64 bits', '08 ff ff ff ff ff ff ff ff ff 7f', 'not-canonical'],
  ])('%s is a fault', (_what, bytes, fault) => expect(readFields(hex(bytes))).toEqual({ fault }));

  it.each([
    ['two letters that could be a message', Buffer.from('hi'), 'text'],
    ['a word that could be a message', Buffer.from('available'), 'text'],
    ['JSON', Buffer.from('{"a":"b"}'), 'text'],
    ['a message of one uuid', Buffer.from(`\n$${'7'.repeat(36)}`), 'message'],
    ['the same in field 4', Buffer.from(`"$${'7'.repeat(36)}`), 'message'],
    ['a text that begins like one', Buffer.from('"$five" is what he said'), 'text'],
  ])('guesses: %s', (_what, payload, kind) => {
    expect(readFields(Buffer.concat([Uint8Array.of(0x0a, payload.length), payload]))).toMatchObject([{ kind }]);
  });

  it('stops at its limits: deeper and later ones stay bytes', () => {
    const deep = Array.from({ length: 20 }).reduce<Buffer>(
      (inner) => Buffer.concat([Uint8Array.of(0x0a, inner.length), inner]),
      hex('08 01'),
    );
    const depthOf = (fields: ReturnType<typeof readFields>): number => {
      const [first] = 'fault' in fields ? [] : fields;
      return first?.kind === 'message' ? 1 + depthOf(first.fields) : 0;
    };
    expect(depthOf(readFields(deep, { depth: 5, fields: 100 }))).toBe(5);
    expect(writeFields(readFields(deep, { depth: 5, fields: 100 }) as never)).toEqual(new Uint8Array(deep));
    expect(readFields(Buffer.alloc(40, hex('08 01')), { depth: 5, fields: 19 })).toEqual({ fault: 'too-many' });
  });

  it('takes a bomb of nested lengths in linear time', () => {
    const bomb = Array.from({ length: 4000 }).reduce<Buffer>(
      (inner) => Buffer.concat([hex('0a'), Uint8Array.of((inner.length & 0x7f) | 0x80, inner.length >> 7), inner]),
      Buffer.alloc(130, 0x20),
    );
    expect(readFields(bomb)).toBeDefined();
  });
});

const TYPE = protobuf
  .parse(
    `syntax = "proto3";
    message Any {
      uint64 count = 1;
      sint64 delta = 2;
      int32 code = 3;
      double ratio = 4;
      float share = 5;
      string text = 16;
      bytes blob = 2047;
      repeated int32 many = 7;
      map<string, int32> names = 8;
      Any inner = 9;
      repeated Any more = 10;
    }`,
  )
  .root.lookupType('Any');

const { value: anyMessage } = fc.letrec<{ value: object }>((tie) => ({
  value: fc.record(
    {
      count: fc.nat(),
      delta: fc.integer(),
      code: fc.integer(),
      ratio: fc.double(),
      share: fc.float(),
      text: fc.string({ unit: 'grapheme' }),
      blob: fc.uint8Array(),
      many: fc.array(fc.integer(), { maxLength: 5 }),
      names: fc.dictionary(fc.string({ maxLength: 5 }), fc.integer(), { maxKeys: 3 }),
      inner: fc.option(tie('value'), { maxDepth: 3, nil: undefined }),
      more: fc.array(tie('value'), { maxLength: 2, depthIdentifier: 'more' }),
    },
    { requiredKeys: [] },
  ),
}));

describe('what protobufjs writes', () => {
  it('is read whole, and written back unchanged', () => {
    fc.assert(
      fc.property(anyMessage, (value) => {
        const bytes = TYPE.encode(TYPE.fromObject(value)).finish();
        const fields = readFields(bytes);
        if ('fault' in fields) throw new Error(fields.fault);
        expect(Buffer.from(writeFields(fields)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('is a value or a fault when bytes of it are changed, and what is read is written back', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.nat(255), (value, place, byte) => {
        const bytes = Buffer.from(TYPE.encode(TYPE.fromObject(value)).finish());
        if (bytes.length > 0) bytes[place % bytes.length] = byte;
        const fields = readFields(bytes);
        const faulty = 'fault' in fields;
        expect(faulty || Buffer.from(writeFields(fields)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('keeps numbers and texts that a reader with the schema would see', () => {
    const bytes = TYPE.encode(TYPE.fromObject({ count: 7, text: 'SKU-1', inner: { code: -1 } })).finish();
    expect(readFields(bytes)).toEqual([
      { kind: 'varint', number: 1, value: 7n },
      { kind: 'message', number: 9, fields: [{ kind: 'varint', number: 3, value: 2n ** 64n - 1n }] },
      { kind: 'text', number: 16, text: 'SKU-1' },
    ]);
  });
});
