import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { huffmanText } from '../../../../../replay-sandbox/cast/http2/huffman.ts';
import { huffmanBound, huffmanInto } from '../../../../../src/wire/http2/hpack/huffman.ts';

function text(code: Uint8Array): string | undefined {
  const into = Buffer.alloc(huffmanBound(code.length));
  const length = huffmanInto(into, code, 0, code.length);
  return length < 0 ? undefined : into.toString('latin1', 0, length);
}

describe('Huffman codes', () => {
  it('are read as a walk bit by bit reads them, which looks at no padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (code) => {
        const walked = huffmanText(code);
        expect([undefined, walked]).toContain(text(code));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a', '1f'],
    ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
    ['', ''],
    ['\0', 'ffc7'],
    ['\xff', 'fffffbbf'],
  ])('%j', (expected, hex) => {
    expect(text(Buffer.from(hex, 'hex'))).toBe(expected);
  });
});
