import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  keyOfStream,
  loopIdFrom,
  parseFingerprint,
  parseLoopId,
  parseLoopIdPrefix,
  parseRecorderId,
  parseTransactionKey,
} from '../../../src/domain/ids.ts';
import { stream } from '../../support/transaction.ts';

describe('names', () => {
  it.each([
    [
      'a recorder',
      parseRecorderId,
      '00000000000000aa',
      ['', 'aa', '00000000000000AA', '00000000000000aa ', '0'.repeat(17)],
    ],
    ['a fingerprint', parseFingerprint, '0123456789ab', ['', '0123456789AB', '0123456789abc']],
    [
      'a loop',
      parseLoopId,
      '3f9k00000000',
      ['', '3f9k', '3F9K00000000', 'iiiiiiiiiiii', '3f9k0000000u', '../../../etc/'],
    ],
    [
      'a trace',
      parseTransactionKey,
      `trace:${'a'.repeat(32)}`,
      ['trace:', `trace:${'A'.repeat(32)}`, `trace:${'a'.repeat(33)}`, 'a'.repeat(32)],
    ],
    [
      'a request',
      parseTransactionKey,
      'request:7f1c-x',
      ['request:', 'request:a b', `request:${'a'.repeat(201)}`, 'request:\n'],
    ],
  ] as const)('of %s', (_what, parse, good, bad) => {
    expect(parse(good)).toBe(good);
    for (const text of bad) expect(parse(text)).toBeUndefined();
  });

  it('the stream’s own key is a key', () => {
    expect(parseTransactionKey(keyOfStream(stream(7)))).toBe('request:00000000000000aa.7');
  });
});

describe('loop ids', () => {
  it('come from any digest, and only from its first twelve bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 32 }), (digest) => {
        const id = loopIdFrom(digest);
        expect(parseLoopId(id)).toBe(id);
        expect(loopIdFrom(digest.slice(0, 12))).toBe(id);
      }),
    );
  });

  it('may be typed in part, in any case', () => {
    expect(parseLoopIdPrefix('3F9')).toBe('3f9');
    for (const text of ['', '../', 'u', '3f9k000000000', '%']) expect(parseLoopIdPrefix(text)).toBeUndefined();
  });
});
