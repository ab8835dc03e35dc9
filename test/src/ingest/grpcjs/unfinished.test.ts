import { EventEmitter } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PIECE_BYTES } from '../../../../src/ingest/limits.ts';
import { Unfinished } from '../../../../src/ingest/grpcjs/unfinished.ts';
import { grpcFrame } from '../../../support/extproc-client.ts';

/** As much of a stream as is watched. */
class Stream extends EventEmitter {
  resets = 0;

  close(): void {
    this.resets += 1;
    this.emit('close');
  }
}

function watching(limit: number, count = 1): readonly Stream[] {
  const unfinished = new Unfinished(() => undefined, limit);
  return Array.from({ length: count }, () => {
    const stream = new Stream();
    unfinished.watch(stream as unknown as ServerHttp2Stream);
    return stream;
  });
}

function send(stream: Stream | undefined, ...chunks: readonly Uint8Array[]): void {
  for (const chunk of chunks) stream?.emit('data', chunk);
}

test('whole messages hold nothing, however they are cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(grpcFrame));
      const [stream] = watching(40 + 45 * PIECE_BYTES);
      for (let at = 0, index = 0; at < bytes.length; index++) {
        const size = cuts[index % cuts.length] ?? 1;
        send(stream, bytes.subarray(at, at + size));
        at += size;
      }
      expect(stream?.resets).toBe(0);
    }),
  );
});

test('a message that does not end is reset at the limit, small pieces sooner', () => {
  const begun = Buffer.of(0, 0xff, 0xff, 0xff, 0xff);
  const [large, small] = [watching(10_000)[0], watching(10_000)[0]];
  send(large, begun, Buffer.alloc(9000));
  expect(large?.resets).toBe(0);
  send(large, Buffer.alloc(600));
  expect(large?.resets).toBe(1);
  send(small, begun, ...Array.from({ length: 37 }, () => Buffer.alloc(1)));
  expect(small?.resets).toBe(0);
  send(small, Buffer.alloc(1), Buffer.alloc(1));
  expect(small?.resets).toBe(1);
});

test('the heaviest goes first; what is closed or reset no longer counts', () => {
  const begun = Buffer.of(0, 0, 1, 0, 0);
  const [one, two, three] = watching(10_000, 3);
  send(one, begun, Buffer.alloc(2000));
  send(two, begun, Buffer.alloc(5000));
  send(three, begun, Buffer.alloc(3000));
  expect([one, two, three].map((stream) => stream?.resets)).toEqual([0, 1, 0]);
  send(two, Buffer.alloc(50_000));
  one?.emit('close');
  send(three, Buffer.alloc(5000));
  expect(three?.resets).toBe(0);
});
