import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeHeaders, findHeader } from '../../../../src/wire/extproc/headers.ts';
import { KnownEntries } from '../../../../src/wire/extproc/known-entries.ts';
import { latin1 } from '../../../../src/wire/extproc/text.ts';

const NAMES = [':method', 'traceparent', 'x-request-id', 'content-type', 'b3'];
const entries = new KnownEntries({ names: NAMES, anyCase: true, preferred: 3 });

function found(bytes: Uint8Array, start = 0, end = bytes.length): readonly (string | undefined)[] {
  entries.scan(bytes, start, end);
  return NAMES.map((_name, index) =>
    entries.has(index) ? latin1(bytes, entries.start(index), entries.end(index)) : undefined,
  );
}

/** What the search for one header says, which knows no usual form. */
const oneByOne = (bytes: Uint8Array, start = 0, end = bytes.length) =>
  NAMES.map((name) => findHeader(bytes, start, end, name));

const anyName = fc.oneof(fc.constantFrom(...NAMES, 'X-Request-Id', 'content-typo'), fc.string({ maxLength: 200 }));
const anyValue = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ minLength: 100, maxLength: 400 }));
const anyHeaders = fc.array(fc.record({ name: anyName, value: anyValue }), { maxLength: 8 });
/** An entry {key 1, value 2} that an older sender writes, one with both values, and the value in front of the key. */
const anyEntry = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 3, 4), fc.constantFrom('', 'b3', ':method', 'v'.repeat(130))), { maxLength: 4 })
  .map((fields) => Buffer.concat(fields.map(([number, text]) => lengthDelimited(number, Buffer.from(text)))));

function lengthDelimited(number: number, bytes: Uint8Array): Buffer {
  const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

describe('one walk for all names', () => {
  test('finds the first of each, whatever its case', () => {
    const bytes = encodeHeaders([
      { name: ':method', value: 'GET' },
      { name: 'X-Request-ID', value: 'one' },
      { name: 'x-request-id', value: 'two' },
    ]);
    expect(found(bytes)).toEqual(['GET', undefined, 'one', undefined, undefined]);
  });

  test('nothing stays of the walk before', () => {
    found(encodeHeaders([{ name: 'b3', value: '0' }]));
    expect(found(new Uint8Array())).toEqual(NAMES.map(() => undefined));
  });

  test('finds what a search for each finds', () => {
    fc.assert(
      fc.property(anyHeaders, (headers) => {
        const bytes = encodeHeaders(headers);
        expect(found(bytes)).toEqual(oneByOne(bytes));
      }),
    );
  });

  test('in entries of any form, and between other fields', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(1, 1, 1, 2), anyEntry), { maxLength: 6 }), (all) => {
        const bytes = Buffer.concat(all.map(([number, entry]) => lengthDelimited(number, entry)));
        expect(found(bytes)).toEqual(oneByOne(bytes));
      }),
    );
  });

  test('in what was changed, cut, or lies inside of something', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(anyHeaders, changes, fc.nat(40), fc.nat(40), (headers, changed, skip, cut) => {
        const bytes = Buffer.from(encodeHeaders(headers));
        for (const [at, byte] of changed) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const [start, end] = [Math.min(skip, bytes.length), Math.max(0, bytes.length - cut)];
        expect(found(bytes)).toEqual(oneByOne(bytes));
        expect(found(bytes, start, end)).toEqual(oneByOne(bytes, start, end));
      }),
      { numRuns: 500 },
    );
  });
});

describe('names that are told apart by case', () => {
  const attributes = new KnownEntries({ names: ['request.id'], anyCase: false });
  const struct = (key: string) =>
    lengthDelimited(1, Buffer.concat([lengthDelimited(1, Buffer.from(key)), lengthDelimited(2, Buffer.from('v'))]));

  test.each([
    ['request.id', true],
    ['Request.id', false],
  ])('%s', (key, isThere) => {
    attributes.scan(struct(key), 0, Infinity);
    expect(attributes.has(0)).toBe(isThere);
  });
});
