import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessageText, encodeMessageText } from '../../../../src/wire/grpc/message-text.ts';

describe('grpc-message', () => {
  it.each([
    ['plain words', 'plain words'],
    ['100%25 wrong', '100% wrong'],
    ['caf%C3%A9', 'caf\u00e9'],
    ['one%0Atwo', 'one\ntwo'],
    ['not encoded: 5% or %zz', 'not encoded: 5% or %zz'],
    ['half of one: %C3', 'half of one: \ufffd'],
  ])('%s', (wire, text) => expect(decodeMessageText(wire)).toBe(text));

  it('carries any text as printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const wire = encodeMessageText(text);
        expect(wire).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeMessageText(wire)).toBe(text);
      }),
    );
  });
});
