import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageReader } from '../../../../src/ingest/http2/message-reader.ts';
import type { MessageRefusal } from '../../../../src/ingest/http2/message-reader.ts';
import { UnfinishedMessages } from '../../../../src/ingest/http2/unfinished.ts';
import { grpcFrame } from '../../../support/extproc-client.ts';

interface Read {
  readonly reader: MessageReader;
  readonly messages: Buffer[];
  readonly refusals: MessageRefusal[];
}

function reading(unfinished: UnfinishedMessages, limit = 1_000_000): Read {
  const messages: Buffer[] = [];
  const refusals: MessageRefusal[] = [];
  const reader = new MessageReader(
    { message: (bytes) => void messages.push(Buffer.from(bytes)), refused: (why) => void refusals.push(why) },
    limit,
    unfinished,
  );
  return { reader, messages, refusals };
}

/** In pieces of these lengths, again and again, each within a larger chunk. */
function cut({ reader }: Read, bytes: Uint8Array, cuts: readonly number[]): void {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const end = Math.min(bytes.length, at + (cuts[index % cuts.length] ?? 1));
    reader.read(Buffer.concat([Buffer.of(0xff), bytes.subarray(at, end), Buffer.of(0xff)]), 1, 1 + end - at);
    at = end;
  }
}

const MESSAGES = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 });
const CUTS = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 20 });

test('however it is cut, out come the messages, and nothing is held in the end', () => {
  fc.assert(
    fc.property(MESSAGES, CUTS, (sent, cuts) => {
      const unfinished = new UnfinishedMessages(1_000_000);
      const read = reading(unfinished);
      cut(read, Buffer.concat(sent.map(grpcFrame)), cuts);
      expect(read.messages).toEqual(sent.map((bytes) => Buffer.from(bytes)));
      expect(read.refusals).toEqual([]);
      expect(unfinished.held).toBe(0);
    }),
  );
});

test('any bytes: the same messages and refusals at any cut, and no exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), CUTS, (bytes, cuts) => {
      const [whole, pieces] = [
        reading(new UnfinishedMessages(100_000), 50),
        reading(new UnfinishedMessages(100_000), 50),
      ];
      cut(whole, bytes, [bytes.length]);
      cut(pieces, bytes, cuts);
      expect([pieces.messages, pieces.refusals]).toEqual([whole.messages, whole.refusals]);
    }),
  );
});

test.each([
  ['compressed', Buffer.of(1, 0, 0, 0, 1, 0)],
  ['oversized', Buffer.of(0, 0x7f, 0xff, 0xff, 0xff)],
] as const)('a message that is %s ends the reading, whole or byte by byte', (why, bytes) => {
  for (const size of [bytes.length, 1]) {
    const read = reading(new UnfinishedMessages(100_000));
    cut(read, Buffer.concat([bytes, grpcFrame(Buffer.from('after'))]), [size]);
    expect([read.messages, read.refusals]).toEqual([[], [why]]);
  }
});

test('space grows with what came, not with what was announced', () => {
  const unfinished = new UnfinishedMessages(1_000_000);
  const read = reading(unfinished);
  cut(read, Buffer.of(0, 0, 0x0f, 0, 0, 1, 2, 3), [8]);
  expect(unfinished.held).toBe(1024);
});

test('who holds most loses it first; who stops gives back', () => {
  const unfinished = new UnfinishedMessages(150_000);
  const [one, two, three] = [reading(unfinished), reading(unfinished), reading(unfinished)];
  const begun = (size: number): Buffer => Buffer.concat([Buffer.of(0, 0, 0x0f, 0, 0), Buffer.alloc(size)]);
  cut(one, begun(2000), [100]);
  cut(two, begun(20_000), [1000]);
  cut(three, begun(2000), [100]);
  expect(two.refusals).toEqual([]);
  cut(three, Buffer.alloc(20_000), [1000]);
  expect([one.refusals, two.refusals, three.refusals]).toEqual([[], [], []]);
  cut(one, Buffer.alloc(30_000), [1000]);
  expect([one.refusals.length, two.refusals.length + three.refusals.length]).toEqual([0, 1]);
  for (const { reader } of [one, two, three]) reader.stop();
  expect(unfinished.held).toBe(0);
});

test('one that alone is too much is told so itself', () => {
  const unfinished = new UnfinishedMessages(5000);
  const read = reading(unfinished);
  cut(read, Buffer.concat([Buffer.of(0, 0, 0x0f, 0, 0), Buffer.alloc(20_000)]), [500]);
  expect(read.refusals).toEqual(['unfinished']);
  expect(unfinished.held).toBe(0);
});
