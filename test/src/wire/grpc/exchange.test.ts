import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isGrpcStream, readGrpcStream } from '../../../../src/wire/grpc/exchange.ts';
import { encodeGrpcFrame } from '../../../../src/wire/grpc/framing.ts';
import { GrpcReader } from '../../../../src/wire/grpc/reader.ts';
import type { StreamMessage } from '../../../../src/wire/stream.ts';
import type { Said } from '../../../support/grpc-stream.ts';
import { frame, grpcStream } from '../../../support/grpc-stream.ts';
import { T0 } from '../../../support/transaction.ts';

const shown = (messages: readonly StreamMessage[]): readonly string[] =>
  messages.map(({ side, kind, at }) => `${at - T0} ${side === 'client' ? '>' : '<'} ${kind}`);

const read = (...said: readonly Said[]) => readGrpcStream(grpcStream(1, said));

describe('a recorded stream', () => {
  it('has the messages and marks of both sides in order', () => {
    const stream = read([1, '> a'], [5, '< b'], [7, '> c'], [8, '>|'], [9, '<0']);
    expect(shown(stream.messages)).toEqual([
      '1 > message',
      '5 < head',
      '5 < message',
      '7 > message',
      '8 > half-close',
      '9 < trailers',
    ]);
    expect(isGrpcStream(stream)).toBe(true);
  });

  it('is none when it is one question and one answer', () => {
    expect(isGrpcStream(read([1, '> a'], [2, '>|'], [5, '< b'], [9, '<0']))).toBe(false);
    expect(isGrpcStream(read([1, '> a'], [2, '>|'], [9, '<13']))).toBe(false);
    expect(isGrpcStream(read([1, '> a'], [2, '>|']))).toBe(false);
    expect(isGrpcStream(read([1, '> a'], [2, '>|'], [9, '>!']))).toBe(false);
  });

  it.each<readonly Said[]>([
    [
      [1, '> a'],
      [2, '>|'],
      [5, '< b'],
      [6, '< c'],
      [9, '<0'],
    ],
    [
      [1, '> a'],
      [2, '> b'],
      [3, '>|'],
      [5, '< b'],
      [9, '<0'],
    ],
    [
      [1, '> a'],
      [5, '< b'],
      [9, '<8'],
    ],
    [
      [1, '< hello'],
      [2, '> a'],
      [3, '>|'],
      [9, '<0'],
    ],
  ])('is one by several messages, by an early answer, by no end: %#', (...said) => {
    expect(isGrpcStream(read(...said))).toBe(true);
  });

  it('ends with the reset of whoever broke it off', () => {
    expect(shown(read([1, '> a'], [5, '< b'], [9, '>!']).messages).at(-1)).toBe('9 > reset');
    expect(shown(read([1, '> a'], [5, '< b'], [9, '<!']).messages).at(-1)).toBe('9 < reset');
  });

  it('has no half-close in front of a reset in the same breath', () => {
    expect(shown(read([1, '> a'], [5, '< b'], [8, '>|'], [9, '>!']).messages)).toEqual([
      '1 > message',
      '5 < head',
      '5 < message',
      '9 > reset',
    ]);
  });

  it('shows half a message at the end as what it is, unless only the recording ends there', () => {
    const whole = grpcStream(1, [
      [1, '> a'],
      [5, '< long message'],
      [9, '<0'],
    ]);
    const { response } = whole;
    if (response === undefined) throw new Error('no response');
    const half = {
      ...whole,
      response: { ...response, body: [{ at: T0 + 5, bytes: frame('long message').subarray(0, 9) }] },
    };
    expect(readGrpcStream(half).messages.map(({ summary }) => summary)).toContain('raw, 9 bytes (truncated)');
    const cut = readGrpcStream({ ...half, gaps: [{ side: 'server', reason: 'budget', bytes: 8 }] });
    expect(cut.cut).toEqual({ client: false, server: true });
    expect(cut.messages.map(({ kind }) => kind)).not.toContain('raw');
  });
});

describe('one side, as it comes', () => {
  const text = Buffer.from('some text, again and again, again and again');
  const body = Buffer.concat([
    frame('one'),
    frame(''),
    encodeGrpcFrame({ compressed: true, bytes: gzipSync(text) }),
    frame('x'.repeat(300)),
  ]);
  const whole = (chunks: readonly Uint8Array[], encoding = 'gzip'): readonly StreamMessage[] => {
    const reader = new GrpcReader({ side: 'client', encoding });
    return [...chunks.flatMap((chunk) => reader.push(chunk, T0)), ...reader.end(T0)];
  };

  it('is the same byte by byte', () => {
    const bytes = Array.from(body, (byte) => Uint8Array.of(byte));
    const plain = (messages: readonly StreamMessage[]) => messages.map((one) => ({ ...one, bytes: [...one.bytes] }));
    expect(plain(whole(bytes))).toEqual(plain(whole([body])));
    expect(whole(bytes).map((one) => one.bytes.length)).toEqual([3, 0, text.length, 300]);
  });

  it('says what follows a fault', () => {
    expect(whole([Buffer.concat([body, Buffer.from('trailing')])]).at(-1)?.summary).toBe('raw, 8 bytes (bad-flag)');
    expect(whole([body.subarray(0, -1)]).at(-1)?.summary).toBe('raw, 304 bytes (truncated)');
    expect(whole([body], 'br')[2]?.summary).toMatch(/\(bad-encoding\)$/);
  });

  it('holds no bomb', () => {
    const bomb = encodeGrpcFrame({ compressed: true, bytes: gzipSync(Buffer.alloc(20 * 1024 * 1024)) });
    const reader = new GrpcReader({ side: 'client', encoding: 'gzip', maxBytes: 1024 * 1024 });
    expect(reader.push(bomb, T0).map(({ summary }) => summary)).toEqual([expect.stringMatching(/\(too-large\)$/)]);
  });

  it('keeps every byte of what is mutated, and never throws', () => {
    const count = Number(process.env['LOOP_MUTATIONS'] ?? 5000);
    let seed = 0x2545f491;
    const random = (below: number): number => {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      return (seed >>> 0) % below;
    };
    for (let round = 0; round < count; round += 1) {
      const mutated = Buffer.from(body.subarray(0, 1 + random(body.length)));
      for (let flips = random(4); flips > 0; flips -= 1) mutated[random(mutated.length)] = random(256);
      const at = random(mutated.length);
      const messages = whole([mutated.subarray(0, at), mutated.subarray(at)]);
      expect(Buffer.concat(messages.map((one) => one.wire ?? one.bytes)).equals(mutated)).toBe(true);
    }
  }, 120_000);
});
