import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heard } from '../../../support/http2-heard.ts';
import {
  dataFrames,
  endAndReset,
  Flag,
  frame,
  FrameType,
  headersFrames,
  PREFACE,
} from '../../../support/http2-frames.ts';
import { lent, takeBack } from '../../../support/lent.ts';

const PRIORITY = 2;
const PUSH_PROMISE = 5;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const REQUEST = { ':method': 'POST', ':scheme': 'http', ':path': '/a' };
const MALFORMED = { ...REQUEST, connection: 'close' };

const open = (stream: number, headers: Readonly<Record<string, string>> = REQUEST): Buffer =>
  Buffer.concat(headersFrames(stream, headers));
const uint32 = (value: number): Buffer => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value);
const reset = (stream: number): Buffer => frame(FrameType.resetStream, 0, stream, uint32(8));

describe('a peer that breaks the rules of the connection', () => {
  const block = Buffer.from('828684', 'hex');
  it.each([
    ['no preface', 1, Buffer.from('GET / HTTP/1.1\r\n\r\n'), undefined],
    ['no SETTINGS first', 1, PREFACE.subarray(0, 24), frame(PING, 0, 0, Buffer.alloc(8))],
    ['an even stream', 1, PREFACE, open(2)],
    ['HEADERS on stream 0', 1, PREFACE, open(0)],
    ['HEADERS on stream 0 that go on', 1, PREFACE, frame(FrameType.headers, 0, 0, block)],
    ['HEADERS on an even stream that go on', 1, PREFACE, frame(FrameType.headers, 0, 2, block)],
    ['DATA on a stream that was never opened', 1, PREFACE, frame(FrameType.data, 0, 1, block)],
    [
      'DATA on one that is closed',
      5,
      PREFACE,
      Buffer.concat([open(1), endAndReset(1), frame(FrameType.data, 0, 1, block)]),
    ],
    ['HEADERS on one that is closed', 5, PREFACE, Buffer.concat([open(1), reset(1), open(1)])],
    ['RST_STREAM on one that was never opened', 1, PREFACE, reset(1)],
    ['WINDOW_UPDATE on one that was never opened', 1, PREFACE, frame(WINDOW_UPDATE, 0, 1, uint32(1))],
    ['WINDOW_UPDATE by nothing', 1, PREFACE, frame(WINDOW_UPDATE, 0, 0, uint32(0))],
    ['a window beyond 2^31', 3, PREFACE, frame(WINDOW_UPDATE, 0, 0, uint32(0x7fffffff))],
    ['a PUSH_PROMISE', 1, PREFACE, frame(PUSH_PROMISE, Flag.endHeaders, 1, Buffer.from('00000002', 'hex'))],
    ['CONTINUATION of nothing', 1, PREFACE, frame(FrameType.continuation, Flag.endHeaders, 1, block)],
    ['CONTINUATION of another', 1, PREFACE, Buffer.concat([frame(1, 0, 1, block), frame(9, 4, 3, block)])],
    [
      'a PING within a header block',
      1,
      PREFACE,
      Buffer.concat([frame(1, 0, 1, block), frame(PING, 0, 0, Buffer.alloc(8))]),
    ],
    ['DATA within a header block', 1, PREFACE, Buffer.concat([open(1), frame(1, 0, 3, block), frame(0, 0, 1, block)])],
    ['padding that is longer than the frame', 1, PREFACE, Buffer.concat([open(1), frame(0, 8, 1, Buffer.of(3, 0, 0))])],
    ['padding that is longer than HEADERS', 1, PREFACE, frame(1, 0xc, 1, Buffer.of(3, 0, 0))],
    ['a frame that is too large', 6, PREFACE, frame(FrameType.settings, 0, 0, Buffer.alloc(16_386))],
    ['a SETTINGS in pieces', 6, PREFACE, frame(FrameType.settings, 0, 0, Buffer.alloc(7))],
    ['a PING of seven bytes', 6, PREFACE, frame(PING, 0, 0, Buffer.alloc(7))],
    ['a GOAWAY of seven bytes', 6, PREFACE, frame(GOAWAY, 0, 0, Buffer.alloc(7))],
    ['a header block that cannot be read', 9, PREFACE, frame(1, Flag.endHeaders, 1, Buffer.of(0x80))],
  ])('%s: told so, nothing more is heard', (_, code, first, second) => {
    const heard = new Heard();
    heard.connection.receive(first);
    heard.connection.receive(second ?? Buffer.alloc(0));
    expect(heard.answers().at(-1)).toMatch(new RegExp(`^GOAWAY last \\d+ code ${code}$`));
    expect(heard.connection.fault?.code).toBe(code);
    heard.lines();
    expect(heard.after(open(9))).toEqual([]);
    expect(heard.connection.openStreams).toBe(0);
  });
});

describe('a flood', () => {
  const idle = frame(PRIORITY, 0, 1, Buffer.alloc(5));
  it.each([
    ['of PING', 1100, frame(PING, 0, 0, Buffer.alloc(8))],
    ['of SETTINGS', 1100, frame(FrameType.settings, 0, 0)],
    ['of PRIORITY', 11_000, idle],
    ['of WINDOW_UPDATE', 11_000, frame(WINDOW_UPDATE, 0, 0, uint32(1))],
    ['of unknown frames', 11_000, frame(99, 0, 0)],
    ['of empty DATA', 11_000, frame(FrameType.data, 0, 1)],
    ['of resets of one that is closed', 11_000, reset(1)],
    ['of empty DATA of one that we reset', 11_000, frame(FrameType.data, 0, 1), true],
    ['of trailers of one that we reset', 11_000, open(1), true],
  ])('%s ends the connection; the same over time does not', (_, count, one, isReset = false) => {
    const begun = (): Heard => {
      const heard = Heard.greeted(PREFACE);
      heard.after(open(1));
      if (isReset) heard.connection.reset(1, 8);
      return heard;
    };
    const heard = begun();
    heard.connection.receive(Buffer.concat(Array.from({ length: count }, () => one)));
    expect(heard.connection.fault?.code).toBe(11);
    const patient = begun();
    const some = Buffer.concat(Array.from({ length: count / 11 }, () => one));
    for (let seconds = 0; seconds < 60; seconds += 1) {
      patient.now += 1000;
      patient.after(some);
    }
    expect(patient.connection.fault).toBeUndefined();
  });

  it('of calls that are reset before they said anything ends the connection', () => {
    const heard = Heard.greeted(PREFACE);
    for (let stream = 1; stream < 4000; stream += 2) heard.after(open(stream), reset(stream));
    expect(heard.connection.fault?.what).toContain('without any message');
  });

  it('of calls that are refused ends the connection', () => {
    const heard = Heard.greeted(PREFACE);
    for (let stream = 1; stream < 4000; stream += 2) heard.after(open(stream, MALFORMED));
    expect(heard.connection.fault?.code).toBe(11);
  });

  it('of calls that carried a message is what sidecars send: any number, at once', () => {
    const heard = Heard.greeted(PREFACE);
    heard.answer = (stream) => {
      heard.connection.respond(stream, Buffer.of(0x88), true);
      return true;
    };
    for (let stream = 1; stream < 100_000; stream += 2)
      heard.after(open(stream), ...dataFrames(stream, Buffer.from('abc')), endAndReset(stream));
    expect(heard.connection.fault).toBeUndefined();
    expect(heard.connection.openStreams).toBe(0);
  });

  it('of open calls meets its limit, and the others live on', () => {
    const heard = Heard.greeted(PREFACE, { openStreams: 3 });
    expect(heard.after(...[1, 3, 5, 7, 9].map((stream) => open(stream)))).toEqual([
      'opened 1',
      'opened 3',
      'opened 5',
      '> RST_STREAM 7 7',
      '> RST_STREAM 9 7',
    ]);
    expect(heard.after(reset(3), open(11))).toEqual(['closed 3 reset 8', 'opened 11']);
  });

  it('of windows costs nothing per stream that waits for its own', { timeout: 10_000 }, () => {
    const heard = Heard.greeted(PREFACE);
    heard.after(frame(FrameType.settings, 0, 0, Buffer.concat([Buffer.of(0, 4), uint32(0)])));
    for (let stream = 1; stream < 40_000; stream += 2) {
      heard.after(open(stream));
      heard.connection.send(stream, Buffer.alloc(1), false);
    }
    heard.after(...Array.from({ length: 9000 }, () => frame(WINDOW_UPDATE, 0, 0, uint32(1))));
    expect(heard.connection.fault).toBeUndefined();
  });
});

describe('any cut of the same bytes', () => {
  const payload = fc.uint8Array({ maxLength: 30 });
  const stream = fc.integer({ min: 0, max: 9 });
  const anyFrame = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 255 }), stream, payload).map(
    ([type, flags, id, bytes]) =>
      () =>
        frame(type, flags, id, bytes),
  );
  const headers = fc.constantFrom(REQUEST, MALFORMED, { ...REQUEST, 'content-length': '10' });
  /** On the next stream, left open or not. */
  const goodCall = fc.tuple(headers, payload, fc.boolean()).map(
    ([said, bytes, ends]) =>
      (id: number) =>
        Buffer.concat([open(id, said), ...dataFrames(id, bytes), ends ? endAndReset(id) : Buffer.alloc(0)]),
  );
  const traffic = fc
    .array(fc.oneof({ weight: 1, arbitrary: anyFrame }, { weight: 9, arbitrary: goodCall }), { maxLength: 12 })
    .map((frames) => Buffer.concat([PREFACE, ...frames.map((make, index) => make(2 * index + 1))]));
  /** Bytes of it are others: lengths, indexes, flags. */
  const bent = fc
    .tuple(traffic, fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([bytes, changes]) => {
      const changed = Buffer.from(bytes);
      for (const [at, to] of changes) changed[PREFACE.length + (at % Math.max(1, bytes.length - PREFACE.length))] = to;
      return changed;
    });
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });

  it('is heard and answered alike, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          traffic,
          bent,
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        cuts,
        (bytes, sizes) => {
          const whole = outcome([bytes]);
          expect(outcome(cut(bytes, sizes))).toEqual(whole);
          expect(outcome(cut(bytes, [1]))).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function outcome(chunks: Iterable<Buffer>): readonly string[] {
  const heard = new Heard();
  for (const chunk of chunks) heard.connection.receive(chunk);
  return [...heard.after(), heard.connection.fault?.what ?? 'no fault'];
}

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    const chunk = lent(bytes.subarray(at, at + size));
    at += size;
    yield chunk;
    takeBack(chunk);
  }
}
