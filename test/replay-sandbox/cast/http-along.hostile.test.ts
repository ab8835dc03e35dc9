/** What passes between services is hostile too: whatever is heard, reading along never throws, and keeps little. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Heard } from '../../../replay-sandbox/cast/heard.ts';
import { HeardCall } from '../../../replay-sandbox/cast/heard.ts';
import { alongHttp } from '../../../replay-sandbox/cast/http-along.ts';
import { HpackReader } from '../../../replay-sandbox/cast/http2/hpack.ts';

const frame = (type: number, flags: number, stream: number, payload: readonly number[] | Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, Buffer.from(payload)]);
};

/** RFC 7541, appendix C.4.1 and C.6.1: requests and answers with Huffman codes and an entry for the table. */
const GET = Buffer.from('828684418cf1e3c2e5f23a6ba0ab90f4ff', 'hex');
const FOUND = Buffer.from('488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff', 'hex');

const TALKS: readonly (readonly [string, Buffer, Buffer])[] = [
  [
    'HTTP/1.1',
    Buffer.from(
      'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\nGET /b HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi',
    ),
    Buffer.from(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbodyHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=1\r\nok\r\n0\r\n\r\n',
    ),
  ],
  [
    'HTTP/2',
    Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      frame(4, 0, 0, []),
      frame(1, 0x20, 1, Buffer.concat([Buffer.alloc(5), GET.subarray(0, 6)])),
      frame(9, 4, 1, GET.subarray(6)),
      frame(0, 9, 1, [2, 1, 2, 3, 0, 0]),
      frame(1, 5, 3, GET),
    ]),
    Buffer.concat([
      frame(4, 0, 0, []),
      frame(1, 4, 1, FOUND),
      frame(0, 1, 1, [1, 2, 3]),
      frame(5, 4, 3, Buffer.concat([Buffer.alloc(4), GET])),
      frame(3, 0, 3, [0, 0, 0, 2]),
    ]),
  ],
];

/** Replaces, takes out or puts in bytes, at places by their share of the whole. */
const CHANGES = fc.array(
  fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(2), fc.uint8Array({ minLength: 1, maxLength: 4 })),
  { minLength: 1, maxLength: 5 },
);
type Changes = typeof CHANGES extends fc.Arbitrary<infer Value> ? Value : never;

function changed(bytes: Buffer, changes: Changes): Buffer {
  return changes.reduce((before, [share, kind, put]) => {
    const at = Math.floor(share * before.length);
    const rest = before.subarray(at + (kind === 0 ? put.length : kind === 1 ? put.length : 0));
    return Buffer.concat([before.subarray(0, at), kind === 1 ? Buffer.alloc(0) : Buffer.from(put), rest]);
  }, bytes);
}

function listen(asked: Buffer, answered: Buffer, piece: number): { calls: number; told: number; kept: number } {
  let calls = 0;
  const told: Heard[] = [];
  const along = alongHttp(() => {
    calls += 1;
    return new HeardCall((heard) => told.push(heard));
  });
  for (let at = 0; at < Math.max(asked.length, answered.length); at += piece) {
    if (at < asked.length) along.fromClient(asked.subarray(at, at + piece));
    if (at < answered.length) along.fromServer(answered.subarray(at, at + piece));
  }
  along.serverEnded?.();
  along.closed();
  const kept = told.reduce((sum, { asked: one, answer }) => sum + one.body.length + answer.body.length, 0);
  return { calls, told: told.length, kept };
}

describe('reading along', () => {
  it.each(TALKS)('%s as it is: two calls', (_version, asked, answered) => {
    for (const piece of [1, 7, 1000]) expect(listen(asked, answered, piece)).toMatchObject({ calls: 2, told: 2 });
  });

  it.each(TALKS)(
    '%s, changed anywhere: never throws, every call is told once',
    { timeout: 60_000 },
    (_v, asked, answered) => {
      const pieces = fc.constantFrom(1, 3, 16, 1000);
      fc.assert(
        fc.property(CHANGES, CHANGES, pieces, (one, other, piece) => {
          const [question, answer] = [changed(asked, one), changed(answered, other)];
          const { calls, told, kept } = listen(question, answer, piece);
          expect(told).toBe(calls);
          expect(kept).toBeLessThanOrEqual(question.length + answer.length);
        }),
        { numRuns: 5000 },
      );
    },
  );

  it('header blocks of any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 4 }), (blocks) => {
        const reader = new HpackReader();
        const read = blocks.map((block) => reader.read(block) ?? []);
        expect(read.flat().length).toBeLessThanOrEqual(blocks.length * 64);
      }),
      { numRuns: 10_000 },
    );
  });

  it('a block that names one big entry of the table over and over is no bomb', () => {
    const reader = new HpackReader();
    const value = Buffer.alloc(4000, 0x61);
    const entry = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]), value]);
    expect(reader.read(entry)).toHaveLength(1);
    expect(reader.read(Buffer.alloc(4_000_000, 0xbe)) === undefined).toBe(true);
  });

  it('a head or a header block that does not end is given up', () => {
    const preface = TALKS[1]?.[1].subarray(0, 24) ?? Buffer.alloc(0);
    const endless: readonly (readonly [Buffer, Buffer, Buffer])[] = [
      [Buffer.from('GET / HTTP/1.1\r\nx: '), Buffer.alloc(65_536, 0x61), Buffer.from('\r\n\r\n')],
      [Buffer.concat([preface, frame(1, 0, 1, GET)]), frame(9, 0, 1, Buffer.alloc(60_000, 0x82)), frame(9, 4, 1, [])],
      [Buffer.concat([preface, frame(1, 0, 1, GET)]), frame(9, 0, 1, Buffer.alloc(0)), frame(9, 4, 1, [])],
    ];
    for (const [first, more, last] of endless) {
      let calls = 0;
      const along = alongHttp(() => {
        calls += 1;
        return new HeardCall(() => undefined);
      });
      along.fromClient(first);
      for (let count = 0; count < 1100; count += 1) along.fromClient(more);
      along.fromClient(last);
      expect(calls).toBe(0);
    }
  });
});
