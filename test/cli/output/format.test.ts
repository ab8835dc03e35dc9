import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { printable, printListing } from '../../../cli/output/format.ts';
import type { Format, Listing } from '../../../cli/output/format.ts';

let out = '';
let err = '';

beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});

afterEach(() => vi.restoreAllMocks());

interface Row {
  readonly id: string;
  readonly what: string;
}

const LISTING: Listing<Row> = {
  rows: [
    { id: 'a', what: 'one' },
    { id: 'bbb', what: 'two\u001b[31m' },
  ],
  columns: [
    { title: 'ID', text: ({ id }) => id },
    { title: 'WHAT', text: ({ what }) => what },
    { title: 'LENGTH', text: ({ id }) => String(id.length), wide: true },
  ],
  name: ({ id }) => id,
  empty: 'There is nothing.',
};

describe('one listing', () => {
  it.each<[Format, string]>([
    ['table', 'ID   WHAT\na    one\nbbb  two\\x1b[31m\n'],
    ['wide', 'ID   WHAT         LENGTH\na    one          1\nbbb  two\\x1b[31m  3\n'],
    ['name', 'a\nbbb\n'],
    ['yaml', '- id: a\n  what: one\n- id: bbb\n  what: "two\\e[31m"\n'],
    ['json', `${JSON.stringify(LISTING.rows, undefined, 2)}\n`],
  ])('as %s', (format, text) => {
    printListing(LISTING, format);
    expect([out, err]).toEqual([text, '']);
  });

  it.each<[Format, string, string]>([
    ['table', '', 'There is nothing.\n'],
    ['wide', '', 'There is nothing.\n'],
    ['name', '', ''],
    ['json', '[]\n', ''],
    ['yaml', '[]\n', ''],
  ])('of nothing, as %s', (format, text, said) => {
    printListing({ ...LISTING, rows: [] }, format);
    expect([out, err]).toEqual([text, said]);
  });
});

describe('recorded text on a terminal', () => {
  it('cannot command it, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
    expect(printable('caf\u00e9 \u{1f600}')).toBe('caf\u00e9 \u{1f600}');
  });
});
