import { describe, expect, test } from 'vitest';
import { decodeAttributes, findAttribute, findNumber } from '../../../../src/wire/extproc/attributes.ts';
import { root } from '../../../support/extproc.ts';

const Struct = root.lookupType('google.protobuf.Struct');
const struct = (fields: Record<string, object>) => Struct.encode(Struct.fromObject({ fields })).finish();
const decode = (bytes: Uint8Array) => decodeAttributes(bytes, 0, bytes.length);

describe('a value as text', () => {
  test.each([
    ['a string', { stringValue: 'via_upstream' }, 'via_upstream'],
    ['UTF-8', { stringValue: 'café' }, 'café'],
    ['an empty string', { stringValue: '' }, ''],
    ['an integer', { numberValue: 200 }, '200'],
    ['zero', { numberValue: 0 }, '0'],
    ['a large id', { numberValue: 2 ** 70 }, '1180591620717411303424'],
    ['a fraction', { numberValue: 0.5 }, '0.5'],
    ['a negative number', { numberValue: -1 }, '-1'],
    ['not a number', { numberValue: NaN }, 'NaN'],
    ['true', { boolValue: true }, 'true'],
    ['false', { boolValue: false }, 'false'],
    ['null is left out', { nullValue: 0 }, undefined],
    ['a list is left out', { listValue: { values: [{ numberValue: 1 }] } }, undefined],
    ['a struct is left out', { structValue: { fields: { a: { numberValue: 1 } } } }, undefined],
  ])('%s', (_name, value, text) => {
    const bytes = struct({ before: { numberValue: 7 }, it: value, behind: { stringValue: 'x' } });
    expect(decode(bytes)).toEqual({ before: '7', ...(text === undefined ? {} : { it: text }), behind: 'x' });
    expect(findAttribute(bytes, 0, bytes.length, 'it')).toBe(text);
    expect(findNumber(bytes, 0, bytes.length, 'it')).toBe('numberValue' in value ? value.numberValue : undefined);
  });
});

test('nothing is found where nothing is', () => {
  expect(decode(new Uint8Array(0))).toEqual({});
  expect(findAttribute(new Uint8Array(0), 0, 0, 'a')).toBeUndefined();
  expect(findNumber(struct({ a: { numberValue: 1 } }), 0, 0, 'a')).toBeUndefined();
});

test('a key of a hostile sender is only a key', () => {
  const attributes = decode(
    struct({ ['__proto__']: { stringValue: 'x' }, fault: { stringValue: 'y' }, offset: { stringValue: 'z' } }),
  );
  expect(Object.entries(attributes)).toEqual([
    ['__proto__', 'x'],
    ['fault', 'y'],
    ['offset', 'z'],
  ]);
});

test.each([
  ['an entry', [0x0a, 0x7f]],
  ['a key', [0x0a, 0x02, 0x0a, 0x7f]],
  ['a value', [0x0a, 0x05, 0x0a, 0x01, 0x61, 0x12, 0x7f]],
  ['a number', [0x0a, 0x07, 0x0a, 0x01, 0x61, 0x12, 0x02, 0x11, 0x00]],
])('%s that ends too early is a fault', (_name, raw) => {
  const bytes = Uint8Array.from(raw);
  expect(decode(bytes)).toMatchObject({ fault: 'truncated' });
  expect(findAttribute(bytes, 0, bytes.length, 'a')).toBeUndefined();
  expect(findNumber(bytes, 0, bytes.length, 'a')).toBeUndefined();
});
