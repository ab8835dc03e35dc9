import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePart, encodePart } from '../../../../src/wire/segments/part.ts';
import { RECORDER } from '../../../support/transaction.ts';

const PART = { recorder: RECORDER, overwritten: 3, records: Uint8Array.of(1, 2, 3) };

describe('a part', () => {
  it('lies as the format says', () => {
    expect(Buffer.from(encodePart(PART)).toString('hex')).toBe(
      '4c505254' + '01000000' + 'aa00000000000000' + '0000000000000840' + '010203',
    );
  });

  it('comes back as it was, from anywhere in a buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (records, overwritten) => {
        const bytes = encodePart({ ...PART, overwritten, records });
        const shifted = new Uint8Array(bytes.length + 3).subarray(3);
        shifted.set(bytes);
        expect(decodePart(shifted)).toEqual({ recorder: RECORDER, overwritten, records });
      }),
    );
  });

  it('of a newer version, of another kind, or cut in its header is none', () => {
    const bytes = encodePart(PART);
    expect(decodePart(bytes.with(4, 2))).toBeUndefined();
    expect(decodePart(bytes.with(0, 0))).toBeUndefined();
    for (let length = 0; length < 24; length += 1) expect(decodePart(bytes.subarray(0, length))).toBeUndefined();
    expect(decodePart(bytes.subarray(0, 24))?.records).toHaveLength(0);
  });
});
