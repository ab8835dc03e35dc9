import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { huffmanBound, huffmanInto } from '../../../../../src/wire/http2/hpack/huffman.ts';
import { huffmanText } from '../../../../../replay-sandbox/cast/http2/huffman.ts';

function text(code: Uint8Array): string | undefined {
  const into = Buffer.alloc(huffmanBound(code.length));
  const length = huffmanInto(into, code, 0, code.length);
  return length < 0 ? undefined : into.toString('latin1', 0, length);
}

describe('Huffman codes', () => {
  it('are read as a walk bit by bit reads them, with the same ones refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (code) => {
        const walked = huffmanText(code);
        const read = text(code);
        // The walk looks at no padding.
        if (read !== undefined) expect(read).toBe(walked);
      }),
      { numRuns: 2000 },
    );
  });
});
