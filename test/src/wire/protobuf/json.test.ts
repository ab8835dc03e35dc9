import { describe, expect, it } from 'vitest';
import { readDescriptorSet } from '../../../../src/wire/protobuf/descriptor.ts';
import type { Json } from '../../../../src/wire/protobuf/json.ts';
import { typedJson } from '../../../../src/wire/protobuf/json.ts';
import type { Wording } from '../../../../src/wire/protobuf/plain.ts';
import { schemaOf } from '../../../../src/wire/protobuf/schema.ts';
import { readTyped } from '../../../../src/wire/protobuf/typed.ts';
import { compile, SHOP, WELL_KNOWN } from '../../../support/descriptors.ts';

const shop = compile(WELL_KNOWN, SHOP);
const schema = schemaOf(shop.tables);
const WORDING: Wording = { bytes: (bytes) => Buffer.from(bytes).toString('base64'), message: () => undefined };

function said(bytes: Uint8Array, name = 'shop.Order'): Json | undefined {
  const type = schema.message(name);
  const message = type && readTyped(bytes, type, schema);
  return message && typedJson(message, schema, WORDING);
}

const order = (value: Readonly<Record<string, unknown>>) => said(shop.encode('shop.Order', value));

describe('a message by its descriptor', () => {
  it.each<[string, Record<string, unknown>, Json]>([
    [
      'text and numbers',
      { sku: 'MUG', count: -2, big: '18446744073709551615' },
      { sku: 'MUG', count: -2, big: '18446744073709551615' },
    ],
    ['zigzag and fixed', { change: '-9007199254740993', hash: '7' }, { change: '-9007199254740993', hash: '7' }],
    ['floats', { price: 4.5, rate: 0.1, gift: true }, { price: 4.5, rate: 0.1, gift: true }],
    [
      'what JSON has no number for',
      { price: Number.NaN, rate: Number.NEGATIVE_INFINITY },
      { price: 'NaN', rate: '-Infinity' },
    ],
    ['enums, known and not', { level: 2, levels: [0, 2, 7] }, { level: 'GOLD', levels: ['UNKNOWN', 'GOLD', 7] }],
    ['repeated, packed and not', { sizes: [1, -1, 300], tags: ['a'] }, { sizes: [1, -1, 300], tags: ['a'] }],
    [
      'maps',
      { labels: { a: 'b', __proto__x: 'c' }, lines: { 7: { name: 'x' } } },
      { labels: { a: 'b', __proto__x: 'c' }, lines: { '7': { name: 'x' } } },
    ],
    ['a oneof: the one that is set', { voucher: 'V-1' }, { voucher: 'V-1' }],
    ['bytes', { thumbnail: Buffer.from([1, 2, 255]) }, { thumbnail: 'AQL/' }],
    [
      'messages in messages',
      { again: { line: { name: 'x', price: 1 } } },
      { again: { line: { name: 'x', price: 1 } } },
    ],
    ['nothing', {}, {}],
  ])('%s', (_what, value, json) => expect(order(value)).toEqual(json));

  it('a name that would be a prototype is a field like any other', () => {
    const { set } = compile('syntax = "proto3"; message Odd { string xxprotoxx = 1; string constructor = 2; }');
    const tables = readDescriptorSet(
      Buffer.from(Buffer.from(set).toString('latin1').replace('xxprotoxx', '__proto__'), 'latin1'),
    );
    const odd = schemaOf('fault' in tables ? shop.tables : tables);
    const type = odd.message('Odd');
    const read = type && readTyped(Uint8Array.of(0x0a, 1, 0x78, 0x12, 1, 0x79), type, odd);
    expect(JSON.stringify(read && typedJson(read, odd, WORDING))).toBe('{"__proto__":"x","constructor":"y"}');
    expect(Object.hasOwn({}, 'x')).toBe(false);
  });

  it('unpacked where packed was meant, and the other way', () => {
    expect(said(Uint8Array.of(0x20, 1, 0x20, 2))).toEqual({ sizes: [1, 2] });
    expect(said(Uint8Array.of(0x22, 2, 1, 2, 0x20, 3))).toEqual({ sizes: [1, 2, 3] });
  });

  it('the last of a single field counts, and messages merge', () => {
    const [one, two] = [
      { line: { name: 'a', price: 1 }, sku: 'A' },
      { line: { name: 'b' }, sku: 'B' },
    ].map((value) => shop.encode('shop.Order', value));
    expect(said(Buffer.concat([one ?? [], two ?? []].map((part) => Uint8Array.from(part))))).toEqual({
      line: { name: 'b', price: 1 },
      sku: 'B',
    });
  });

  it('numbers no descriptor knows keep their number', () => {
    const newer = compile('syntax = "proto3"; message Newer { string sku = 1; string hint = 99; int32 count = 98; }');
    expect(said(newer.encode('Newer', { sku: 'MUG', hint: 'soon', count: 3 }))).toEqual({
      sku: 'MUG',
      '98': '3',
      '99': 'soon',
    });
  });
});

describe('well-known types', () => {
  const packed = shop.encode('shop.Order.Line', { name: 'inside' });
  it.each<[string, Record<string, unknown>, Json]>([
    ['Timestamp', { at: { seconds: 1_700_000_000, nanos: 120_000_000 } }, { at: '2023-11-14T22:13:20.120Z' }],
    ['Timestamp of no year', { at: { seconds: '999999999999999' } }, { at: { seconds: '999999999999999' } }],
    ['Duration', { within: { seconds: -1, nanos: -500_000_000 } }, { within: '-1.500s' }],
    ['wrappers', { note: { value: 'x' }, points: {} }, { note: 'x', points: '0' }],
    ['FieldMask', { mask: { paths: ['a', 'b.c'] } }, { mask: 'a,b.c' }],
    [
      'Any of a known type',
      { extra: { type_url: 'type.example/shop.Order.Line', value: packed } },
      { extra: { '@type': 'type.example/shop.Order.Line', name: 'inside' } },
    ],
    [
      'Any of another',
      { extra: { type_url: 'x/other.Type', value: Buffer.from([1]) } },
      { extra: { '@type': 'x/other.Type', value: 'AQ==' } },
    ],
    [
      'Struct',
      {
        more: {
          fields: {
            a: { number_value: 1 },
            b: { null_value: 0 },
            c: { list_value: { values: [{ bool_value: true }] } },
            d: { struct_value: { fields: { e: { string_value: 'x' } } } },
          },
        },
      },
      { more: { a: 1, b: null, c: [true], d: { e: 'x' } } },
    ],
  ])('%s', (_what, value, json) => expect(order(value)).toEqual(json));

  it('an Any in an Any in an Any … ends', () => {
    let bytes: Uint8Array = Buffer.from('');
    for (let depth = 0; depth < 40; depth++)
      bytes = shop.encode('google.protobuf.Any', { type_url: 'x/google.protobuf.Any', value: bytes });
    const text = JSON.stringify(said(bytes, 'google.protobuf.Any'));
    expect(text.match(/@type/g)?.length).toBeLessThan(12);
  });

  it('a descriptor that calls something else a Timestamp is believed as far as it goes', () => {
    const odd = compile('syntax = "proto3"; package google.protobuf; message Timestamp { string seconds = 1; }');
    const type = odd.tables.messages.get('google.protobuf.Timestamp');
    const read =
      type && readTyped(odd.encode('google.protobuf.Timestamp', { seconds: 'x' }), type, schemaOf(odd.tables));
    expect(read && typedJson(read, schemaOf(odd.tables), WORDING)).toEqual({ seconds: 'x' });
  });
});
