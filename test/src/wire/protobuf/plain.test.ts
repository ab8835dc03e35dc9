import { describe, expect, it } from 'vitest';
import type { ProtoField } from '../../../../src/wire/protobuf/field.ts';
import { plainMessage } from '../../../../src/wire/protobuf/plain.ts';

const wording = { bytes: (bytes: Uint8Array) => `${bytes.length} bytes`, message: () => undefined };
const plain = (...fields: readonly ProtoField[]) => plainMessage(fields, wording);

const float = (value: number) => new DataView(Float32Array.of(value).buffer).getUint32(0, true);
const double = (value: number) => new DataView(Float64Array.of(value).buffer).getBigUint64(0, true);

describe('a message in plain values', () => {
  it.each<[string, ProtoField, string]>([
    ['a number', { kind: 'varint', number: 1, value: 7n }, '7'],
    ['a number beyond 2^53', { kind: 'varint', number: 1, value: 2n ** 60n + 1n }, '1152921504606846977'],
    ['a negative number', { kind: 'varint', number: 1, value: 2n ** 64n - 5n }, '-5'],
    ['a double', { kind: 'fixed64', number: 1, value: double(19.99) }, '19.99'],
    ['a fixed64', { kind: 'fixed64', number: 1, value: 42n }, '42'],
    ['a float', { kind: 'fixed32', number: 1, value: float(0.1) }, '0.1'],
    ['a fixed32', { kind: 'fixed32', number: 1, value: 42 }, '42'],
    ['zero', { kind: 'fixed32', number: 1, value: 0 }, '0'],
    ['text', { kind: 'text', number: 1, text: 'hi' }, 'hi'],
    ['bytes', { kind: 'bytes', number: 1, bytes: Uint8Array.of(1, 2) }, '2 bytes'],
  ])('%s', (_what, field, value) => expect(plain(field)).toEqual({ 1: value }));

  it('lists what is repeated, and nests', () => {
    const text = (number: number, value: string): ProtoField => ({ kind: 'text', number, text: value });
    expect(
      plain(text(2, 'a'), text(1, 'x'), text(2, 'b'), { kind: 'message', number: 3, fields: [text(1, 'in')] }),
    ).toEqual({
      1: 'x',
      2: ['a', 'b'],
      3: { 1: 'in' },
    });
  });
});
