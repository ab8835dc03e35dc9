import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment } from '../../../../src/domain/segment.ts';
import {
  decodeEnd,
  decodeGap,
  encodeEnd,
  encodeGap,
  encodeSegments,
  readRecords,
  recordBytes,
} from '../../../../src/wire/segments/record.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const segment: fc.Arbitrary<Segment> = fc.record({
  kind: fc.constantFrom('opened', 'message', 'ended', 'state', 'gap', 'log'),
  stream: u32,
  sequence: u32,
  owner: u32,
  at: fc.double({ min: 0, max: 2 ** 42, noNaN: true }),
  flags: fc.integer({ min: 0, max: 255 }),
  openInbound: fc.integer({ min: 0, max: 0xffff }),
  payload: fc.uint8Array({ maxLength: 70 }),
});

const ONE: Segment = {
  kind: 'message',
  stream: 3,
  sequence: 2,
  owner: 1,
  at: 1.5,
  flags: 1,
  openInbound: 4,
  payload: Uint8Array.of(9, 8, 7, 6, 5),
};

describe('a record', () => {
  it('lies as the format says', () => {
    expect(Buffer.from(encodeSegments([ONE])).toString('hex')).toBe(
      [
        '05000000',
        '01',
        '01',
        '0400',
        '03000000',
        '02000000',
        '01000000',
        '000000000000f83f',
        '0908070605',
        '000000',
      ].join(''),
    );
  });

  it('comes back as it was, however many, from anywhere in a buffer', () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), fc.integer({ min: 0, max: 9 }), (segments, shift) => {
        const bytes = encodeSegments(segments);
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        expect(readRecords(shifted)).toEqual({ segments, unknown: 0 });
      }),
    );
  });

  it('counts more open exchanges than it can hold as all it can hold', () => {
    expect(readRecords(encodeSegments([{ ...ONE, openInbound: 100_000 }])).segments[0]?.openInbound).toBe(0xffff);
  });
});

describe('bytes that are no whole records', () => {
  it('cut anywhere: what came before, and where it breaks off', () => {
    const bytes = encodeSegments([ONE, ONE]);
    const first = recordBytes(ONE.payload.length);
    for (let length = first + 1; length < bytes.length - 3; length += 1) {
      expect(readRecords(bytes.subarray(0, length))).toEqual({ segments: [ONE], unknown: 0, truncatedAt: first });
    }
  });

  it('of a kind from the future are skipped and counted', () => {
    const bytes = encodeSegments([ONE, ONE, ONE]);
    bytes[recordBytes(ONE.payload.length) + 4] = 200;
    expect(readRecords(bytes)).toEqual({ segments: [ONE, ONE], unknown: 1 });
  });

  it('of whoever made them: a value, and no more records than there is room for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { segments, unknown } = readRecords(bytes);
        expect(segments.length + unknown).toBeLessThanOrEqual(bytes.length / 28);
      }),
    );
  });

  it('with a length near 2^32 do not run in circles', () => {
    const bytes = encodeSegments([ONE]);
    for (const length of [0xffff_ffff, 0xffff_fffc, 0x8000_0000, 0x7fff_ffff]) {
      new DataView(bytes.buffer).setUint32(0, length, true);
      expect(readRecords(bytes)).toEqual({ segments: [], unknown: 0, truncatedAt: 0 });
    }
  });
});

describe('small payloads', () => {
  it('how a call ended', () => {
    for (const reason of ['closed', 'cancelled', 'idle', 'shutdown', 'error'] as const) {
      expect(decodeEnd(encodeEnd(reason))).toBe(reason);
    }
    expect(decodeEnd(Uint8Array.of(77))).toBe('error');
    expect(decodeEnd(new Uint8Array())).toBe('closed');
  });

  it('what is missing', () => {
    for (const side of ['client', 'server'] as const) {
      for (const reason of ['budget', 'shed', 'overwritten'] as const) {
        expect(decodeGap(encodeGap({ side, reason, bytes: 2 ** 40 }))).toEqual({ side, reason, bytes: 2 ** 40 });
      }
    }
    expect(decodeGap(new Uint8Array())).toEqual({ side: 'client', reason: 'budget', bytes: 0 });
    expect(decodeGap(new Uint8Array(12).fill(255))).toMatchObject({ reason: 'shed' });
  });
});
