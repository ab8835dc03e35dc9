import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf, openPart, sealPart, unwrapKey, wrapKey, wrappedKeyId } from '../../../src/seal/envelope.ts';
import { SealError } from '../../../src/seal/errors.ts';
import { newDataKey, newStoreKey } from '../../../src/seal/keys.ts';
import { loopId } from '../../support/transaction.ts';

const LOOP = loopId(1);
const key = newDataKey();
const storeKey = newStoreKey();

function codeOf(result: unknown): string {
  return result instanceof SealError ? result.code : 'opened';
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe('a part', () => {
  it('opens to the records that were sealed, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(9999), (records, index) => {
        const { bytes, digest } = sealPart(records, key, LOOP, index);
        expect(openPart(bytes, key, LOOP, index)).toEqual(Buffer.from(records));
        expect(digest).toBe(digestOf(bytes));
      }),
    );
  });

  it('never seals to the same bytes twice, and shows nothing of what is in it', () => {
    const records = new TextEncoder().encode('canary '.repeat(100));
    const [one, other] = [sealPart(records, key, LOOP, 0), sealPart(records, key, LOOP, 0)];
    expect(one.digest).not.toBe(other.digest);
    expect(Buffer.from(one.bytes).includes('canary')).toBe(false);
    expect(one.bytes.length).toBeLessThan(records.length);
  });

  it('is found out when any one byte of it is changed, or it is cut anywhere', () => {
    const { bytes } = sealPart(new TextEncoder().encode('a body'), key, LOOP, 0);
    const expected = (at: number) => (at < 4 ? 'unsupported' : at < 12 ? 'wrong-key' : 'tampered');
    const codes = Array.from(bytes, (_, at) => codeOf(openPart(flipped(bytes, at), key, LOOP, 0)));
    expect(codes.map((code, at) => (code === expected(at) ? '' : `${at}: ${code}`)).filter(Boolean)).toEqual([]);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(openPart(bytes.subarray(0, length), key, LOOP, 0))).not.toBe('opened');
    }
    expect(codeOf(openPart(Buffer.concat([bytes, bytes]), key, LOOP, 0))).toBe('tampered');
  });

  it('opens in its own loop and place only', () => {
    const { bytes } = sealPart(Uint8Array.of(1), key, LOOP, 3);
    expect(codeOf(openPart(bytes, key, loopId(2), 3))).toBe('tampered');
    expect(codeOf(openPart(bytes, key, LOOP, 2))).toBe('tampered');
    expect(codeOf(openPart(bytes, newDataKey(), LOOP, 3))).toBe('wrong-key');
    expect(codeOf(openPart(bytes, key, LOOP, 3))).toBe('opened');
  });

  it('is refused before it grows when it would open to more than the cap', () => {
    const { bytes } = sealPart(new Uint8Array(1_000_000), key, LOOP, 0);
    expect(bytes.length).toBeLessThan(200);
    expect(openPart(bytes, key, LOOP, 0, 999_999)).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('1000000 bytes'),
    });
    expect(openPart(bytes, key, LOOP, 0, 1_000_000)).toHaveLength(1_000_000);
  });

  it('that is none is unsupported', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(codeOf(openPart(bytes, key, LOOP, 0))).toBe('unsupported');
      }),
    );
  });
});

describe('a wrapped key', () => {
  it('is 72 bytes, names its store key, and gives the data key back', () => {
    const wrapped = wrapKey(key, storeKey, LOOP);
    expect(wrapped).toHaveLength(72);
    expect(wrappedKeyId(wrapped)).toBe(storeKey.id);
    expect(unwrapKey(wrapped, storeKey, LOOP)).toEqual({ kind: 'data-key', bytes: key.bytes });
  });

  it('is found out when any one byte of it is changed', () => {
    const wrapped = wrapKey(key, storeKey, LOOP);
    const expected = (at: number) => (at < 4 ? 'unsupported' : at < 12 ? 'wrong-key' : 'tampered');
    expect(Array.from(wrapped, (_, at) => codeOf(unwrapKey(flipped(wrapped, at), storeKey, LOOP)))).toEqual(
      Array.from(wrapped, (_, at) => expected(at)),
    );
    expect(codeOf(unwrapKey(wrapped.subarray(1), storeKey, LOOP))).toBe('unsupported');
  });

  it('opens under its own store key and for its own loop only, and says which key it wants', () => {
    const wrapped = wrapKey(key, storeKey, LOOP);
    const other = newStoreKey();
    expect(codeOf(unwrapKey(wrapped, storeKey, loopId(2)))).toBe('tampered');
    expect(unwrapKey(wrapped, other, LOOP)).toMatchObject({
      code: 'wrong-key',
      message: `Loop ${LOOP} is sealed under the store key ${storeKey.id}; the key at hand is ${other.id}.`,
    });
  });
});
