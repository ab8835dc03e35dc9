import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeGrpcFrame } from '../../../../src/wire/grpc/framing.ts';
import { readGrpcMessages } from '../../../../src/wire/grpc/messages.ts';

const plain = (text: string) => encodeGrpcFrame({ compressed: false, bytes: Buffer.from(text) });
const squeezed = (bytes: Uint8Array) => encodeGrpcFrame({ compressed: true, bytes });

function read(chunks: readonly Uint8Array[], encoding?: string, maxBytes?: number) {
  const { messages, fault } = readGrpcMessages(chunks, encoding, maxBytes);
  return [messages.map((message) => Buffer.from(message).toString()), fault];
}

describe('messages as the application wrote them', () => {
  it.each([
    ['gzip', gzipSync('hello')],
    ['deflate', deflateSync('hello')],
    ['identity', Buffer.from('hello')],
  ])('%s', (encoding, bytes) => {
    expect(read([plain('as it is'), squeezed(bytes)], encoding)).toEqual([['as it is', 'hello'], undefined]);
  });

  it.each([
    ['an encoding nobody knows', 'lz9', Buffer.from('hello'), 'bad-encoding'],
    ['what is not what the header says', 'gzip', Buffer.from('hello'), 'bad-encoding'],
    ['a stream cut short', 'gzip', gzipSync('hello').subarray(0, -10), 'bad-encoding'],
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(10_000)), 'too-large'],
  ])('%s is a fault, and what came before it stays', (_what, encoding, bytes, fault) => {
    expect(read([plain('first'), squeezed(bytes)], encoding, 1000)).toEqual([['first'], fault]);
  });

  it('share one limit', () => {
    expect(read([plain('x'.repeat(600)), plain('x'.repeat(600))], undefined, 1000)[1]).toBe('too-large');
  });

  it('are bounded in number', () => {
    const { messages, fault } = readGrpcMessages([Buffer.alloc(5 * 10_001)], undefined);
    expect([messages.length, fault]).toEqual([10_000, 'too-many']);
  });
});
