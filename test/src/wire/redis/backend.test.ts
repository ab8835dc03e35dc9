import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBackend, encodeBackend, splitReplies, type Backend } from '../../../../src/wire/redis/backend.ts';
import { frameOf } from '../../../../src/wire/redis/framing.ts';

const decode = (text: string): Backend | undefined => decodeBackend(frameOf('server', Buffer.from(text, 'latin1')));
const written = (reply: Backend | undefined, version: 2 | 3): string | undefined =>
  reply && Buffer.from(encodeBackend(reply, version)).toString('latin1');

/** As it comes in version 3, and what version 2 says instead. */
const BOTH = [
  ['+OK\r\n', '+OK\r\n'],
  ['-WRONGTYPE no\r\n', '-WRONGTYPE no\r\n'],
  [':9223372036854775807\r\n', ':9223372036854775807\r\n'],
  ['$2\r\n\x00\xff\r\n', '$2\r\n\x00\xff\r\n'],
  ['_\r\n', '$-1\r\n'],
  [',inf\r\n', '$3\r\ninf\r\n'],
  ['#f\r\n', ':0\r\n'],
  ['(12345678901234567890123\r\n', '$23\r\n12345678901234567890123\r\n'],
  ['!7\r\nERR a\nb\r\n', '-ERR a b\r\n'],
  ['=7\r\nmkd:# a\r\n', '$3\r\n# a\r\n'],
  ['%1\r\n+a\r\n~2\r\n:1\r\n_\r\n', '*2\r\n+a\r\n*2\r\n:1\r\n$-1\r\n'],
  ['>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n', '*2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n'],
  ['|1\r\n+ttl\r\n:1\r\n$1\r\na\r\n', '$1\r\na\r\n'],
] as const;

describe('replies', () => {
  it.each(BOTH)('%j', (third, second) => {
    expect(written(decode(third), 3)).toBe(third);
    expect(written(decode(third), 2)).toBe(second);
  });

  it('know a null array from a null string', () => {
    expect(written(decode('*-1\r\n'), 2)).toBe('*-1\r\n');
    expect(written(decode('$-1\r\n'), 2)).toBe('$-1\r\n');
  });

  it('come whole where they were streamed', () => {
    expect(written(decode('$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n'), 3)).toBe('$3\r\nabc\r\n');
    expect(written(decode('*?\r\n:1\r\n%?\r\n.\r\n.\r\n'), 3)).toBe('*2\r\n:1\r\n%0\r\n');
  });

  it.each([
    '',
    '*2\r\n:1\r\n',
    '$5\r\nab\r\n',
    ':1x\r\n',
    '+OK\r\n+OK\r\n',
    '=2\r\nab\r\n',
    '#x\r\n',
    '*?\r\n:1\r\n',
    '?\r\n',
  ])('are nothing when broken: %j', (text) => {
    expect(decode(text)).toBeUndefined();
  });

  it('that are cut are nothing', () => {
    expect(decodeBackend({ bytes: Buffer.from('+OK\r\n'), cut: true })).toBeUndefined();
  });

  it('nest as deep as they like without harm', () => {
    expect(decode('*1\r\n'.repeat(100_000))).toBeUndefined();
  });

  it('of a transaction are taken apart', () => {
    const parts = splitReplies(Buffer.from('*3\r\n+OK\r\n*1\r\n:1\r\n-ERR no\r\n'));
    expect(parts.map((part) => Buffer.from(part).toString())).toEqual(['+OK\r\n', '*1\r\n:1\r\n', '-ERR no\r\n']);
    expect(splitReplies(Buffer.from('*2\r\n+OK\r\n$9\r\nab'))).toHaveLength(1);
  });
});

const line = fc.stringMatching(/^[ -~]{0,20}$/).map((text) => Buffer.from(text));
const leaf: fc.Arbitrary<Backend> = fc.oneof(
  fc.record({ kind: fc.constantFrom('simple' as const, 'error' as const), data: line }),
  fc.record({
    kind: fc.constantFrom('bulk' as const, 'bulk-error' as const),
    data: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ kind: fc.constant('integer' as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.constant<Backend>({ kind: 'null', of: 'either' }),
);
const { reply } = fc.letrec<{ reply: Backend }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({
      kind: fc.constantFrom('array' as const, 'set' as const, 'push' as const),
      items: fc.array(tie('reply')),
    }),
    fc.record({ kind: fc.constant('map' as const), entries: fc.array(fc.tuple(tie('reply'), tie('reply'))) }),
  ),
}));

describe('any reply', () => {
  it('comes back from version 3 as it went', () => {
    fc.assert(
      fc.property(reply, (one) => {
        expect(decodeBackend(frameOf('server', encodeBackend(one, 3)))).toEqual(one);
      }),
    );
  });

  it('can be read in version 2', () => {
    fc.assert(
      fc.property(reply, (one) => {
        expect(decodeBackend(frameOf('server', encodeBackend(one, 2)))).toBeDefined();
      }),
    );
  });
});
