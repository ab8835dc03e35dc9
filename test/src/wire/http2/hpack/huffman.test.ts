// Every code there is comes in ../connection.node-client.test.ts, as nghttp2 writes it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { huffmanText } from '../../../../../src/wire/http2/hpack/huffman.ts';

describe('Huffman codes', () => {
  it.each([
    ['', ''],
    ['a', '1f'],
    ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
    ['Mon, 21 Oct 2013 20:13:21 GMT', 'd07abe941054d444a8200595040b8166e082a62d1bff'],
    ['\0', 'ffc7'],
    ['\xff', 'fffffbbf'],
  ])('%j', (expected, hex) => {
    expect(huffmanText(Buffer.from(hex, 'hex'))).toBe(expected);
  });

  it.each([
    ['padding that is not all ones', '18'],
    ['padding of a whole byte', '1fff'],
    ['the end of the string as a symbol', 'ffffffff'],
    ['a code cut short', 'fffffb'],
  ])('are refused with %s', (_, hex) => {
    expect(huffmanText(Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  it('are never longer than their bound, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (code) => {
        const text = huffmanText(code) ?? '';
        expect(text.length).toBeLessThanOrEqual((code.length * 8) / 5);
      }),
      { numRuns: 500 },
    );
  });
});
