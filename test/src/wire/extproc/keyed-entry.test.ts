import { expect, test } from 'vitest';
import { KeyedEntry } from '../../../../src/wire/extproc/keyed-entry.ts';
import { field } from '../../../support/fuzz/bytes.ts';

const text = (number: number, value: string): Uint8Array => field(number, Buffer.from(value));

function read(entry: KeyedEntry, ...fields: readonly Uint8Array[]): string {
  const bytes = Buffer.concat([Buffer.from('..'), ...fields, Buffer.from('..')]);
  entry.read(bytes, 2, bytes.length - 2);
  const { keyStart, keyEnd, valueStart, valueEnd } = entry;
  return (
    entry.fault ?? `${bytes.toString('latin1', keyStart, keyEnd)}=${bytes.toString('latin1', valueStart, valueEnd)}`
  );
}

test.each([
  ['in order', [text(1, 'a'), text(2, 'x')], 'a=x'],
  ['the other way about', [text(2, 'x'), text(1, 'a')], 'a=x'],
  ['of repeated ones the last', [text(1, 'a'), text(1, 'b'), text(2, 'x'), text(2, 'y')], 'b=y'],
  ['nothing', [], '='],
  ['no value', [text(1, 'a')], 'a='],
  ['fields that are none of it', [text(7, 'z'), Buffer.of(0x08, 1), text(1, 'a'), text(2, 'x')], 'a=x'],
  ['a broken one', [text(1, 'a'), Buffer.of(0x12, 9)], 'truncated'],
])('%s', (_name, fields, expected) => {
  expect(read(new KeyedEntry(), ...fields)).toBe(expected);
  expect(read(new KeyedEntry(3), ...fields)).toBe(expected);
});

test('a preferred field counts before the value, wherever it stands, unless it is empty', () => {
  const entry = new KeyedEntry(3);
  expect(read(entry, text(1, 'a'), text(3, 'raw'), text(2, 'x'))).toBe('a=raw');
  expect(read(entry, text(1, 'a'), text(2, 'x'), text(3, 'raw'))).toBe('a=raw');
  expect(read(entry, text(1, 'a'), text(2, 'x'), text(3, ''))).toBe('a=x');
  expect(read(new KeyedEntry(), text(1, 'a'), text(3, 'raw'), text(2, 'x'))).toBe('a=x');
});
