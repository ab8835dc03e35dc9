import { describe, expect, it } from 'vitest';
import { ErrorCode } from '../../../../src/wire/http2/frame.ts';
import { Heard } from '../../../support/http2-heard.ts';
import { dataFrames, Flag, frame, FrameType, headersFrames, PREFACE } from '../../../support/http2-frames.ts';

const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const REQUEST = { ':method': 'POST', ':scheme': 'http', ':path': '/a', ':authority': 'sink' };
const OK = Buffer.of(0x88);

const open = (stream: number, headers: Readonly<Record<string, string>> = REQUEST): Buffer =>
  Buffer.concat(headersFrames(stream, headers));
const data = (stream: number, text: string): Buffer => Buffer.concat(dataFrames(stream, Buffer.from(text)));
const end = (stream: number, text = ''): Buffer => frame(FrameType.data, Flag.endStream, stream, Buffer.from(text));
const uint32 = (value: number): Buffer => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value);
const reset = (stream: number, code = 8): Buffer => frame(FrameType.resetStream, 0, stream, uint32(code));
const window = (stream: number, bytes: number): Buffer => frame(WINDOW_UPDATE, 0, stream, uint32(bytes));
const ping = (flags = 0, payload = Buffer.alloc(8)): Buffer => frame(PING, flags, 0, payload);
const settings = (id: number, value: number): Buffer =>
  frame(FrameType.settings, 0, 0, Buffer.concat([Buffer.of(0, id), uint32(value)]));
const greeted = (limits: ConstructorParameters<typeof Heard>[0] = {}): Heard => Heard.greeted(PREFACE, limits);

describe('a call', () => {
  it('is heard as it comes, and ends when both sides have ended it', () => {
    const heard = greeted();
    expect(heard.after(open(1), data(1, 'abc'), data(1, 'def'), end(1))).toEqual([
      'opened 1',
      'data 1 abcdef',
      'ended 1',
    ]);
    expect(heard.lists[0]?.[2]).toEqual({ name: ':path', value: '/a' });
    heard.connection.respond(1, OK, false);
    heard.connection.send(1, Buffer.from('x'), false);
    heard.connection.respond(1, OK, true);
    expect(heard.answers()).toEqual(['HEADERS 1 88', 'DATA 1 x', 'HEADERS 1 88 end']);
    expect(heard.connection.openStreams).toBe(0);
    // As Envoy ends each.
    expect(heard.after(reset(1))).toEqual([]);
  });

  it('may be answered before it has ended, and ends then', () => {
    const heard = greeted();
    heard.answer = (stream) => {
      heard.connection.respond(stream, OK, true);
      return true;
    };
    expect(heard.after(open(1), data(1, 'abc'), end(1))).toEqual([
      'opened 1',
      'data 1 abc',
      'ended 1',
      '> HEADERS 1 88 end',
    ]);
    heard.connection.send(1, Buffer.from('late'), false);
    expect(heard.answers()).toEqual([]);
  });

  it('that nobody takes is refused; one that was answered to its end is told to send no more', () => {
    const heard = greeted();
    heard.answer = (stream) => {
      if (stream === 3) heard.connection.respond(stream, OK, true);
      return false;
    };
    expect(heard.after(open(1), data(1, 'under way'))).toEqual(['opened 1', '> RST_STREAM 1 7']);
    expect(heard.after(open(3))).toEqual(['opened 3', '> HEADERS 3 88 end', '> RST_STREAM 3 0']);
  });

  it('ends for the peer by its reset, for us by ours, once', () => {
    const heard = greeted();
    expect(heard.after(open(1), data(1, 'a'), reset(1, 2), reset(1, 2))).toEqual([
      'opened 1',
      'data 1 a',
      'closed 1 reset 2',
    ]);
    heard.after(open(3));
    heard.connection.reset(3, 8);
    heard.connection.reset(3, 8);
    expect(heard.after(data(3, 'under way'), open(5))).toEqual(['opened 5', '> RST_STREAM 3 8']);
  });

  it('may end by trailers, which have no pseudo-headers and come last', () => {
    const heard = greeted();
    const trailers = (stream: number, name: string): Buffer =>
      frame(FrameType.headers, Flag.endHeaders | Flag.endStream, stream, Buffer.from(`\0\x01${name}\x01x`, 'latin1'));
    expect(heard.after(open(1), trailers(1, 'a'))).toEqual(['opened 1', 'ended 1']);
    expect(heard.after(open(3), open(3))).toEqual(['opened 3', 'closed 3 fault 1', '> RST_STREAM 3 1']);
    expect(heard.after(open(5), trailers(5, 'A'))).toEqual(['opened 5', 'closed 5 fault 1', '> RST_STREAM 5 1']);
  });

  it('is told that it is over when the connection is', () => {
    const heard = greeted();
    heard.after(open(1), open(3));
    heard.connection.lost();
    expect(heard.after(data(1, 'late'))).toEqual(['closed 1 fault 8', 'closed 3 fault 8']);
  });

  it('counts what it promised', () => {
    const heard = greeted();
    const promise = { ...REQUEST, 'content-length': '3' };
    expect(heard.after(open(1, promise), end(1, 'abc'))).toEqual(['opened 1', 'data 1 abc', 'ended 1']);
    expect(heard.after(open(3, promise), end(3, 'ab'))).toEqual([
      'opened 3',
      'data 3 ab',
      'closed 3 fault 1',
      '> RST_STREAM 3 1',
    ]);
    expect(heard.after(open(5, promise), data(5, 'abcd'))).toEqual([
      'opened 5',
      'data 5 abc',
      'closed 5 fault 1',
      '> RST_STREAM 5 1',
    ]);
  });
});

describe('headers', () => {
  it('that repeat are the same array, until the table changes', () => {
    const heard = greeted();
    const kept = frame(FrameType.headers, Flag.endHeaders, 5, Buffer.from('828684400161017a', 'hex'));
    heard.after(open(1), open(3), kept, open(7), open(9));
    const [first, second, , fourth, fifth] = heard.lists;
    expect(second).toBe(first);
    expect(fourth).not.toBe(first);
    expect(fourth).toEqual(first);
    expect(fifth).toBe(fourth);
  });

  it('are looked up in the table as it is then', () => {
    const heard = greeted();
    const block = (stream: number, hex: string): Buffer =>
      frame(FrameType.headers, Flag.endHeaders, stream, Buffer.from(hex, 'hex'));
    heard.after(block(1, '828684400161017a'), block(3, '828684be'), block(5, '8286844001610179'), block(7, '828684be'));
    expect(heard.lists.map((list) => list.at(-1)?.value)).toEqual(['z', 'z', 'y', 'y']);
  });

  it.each([
    ['an unknown pseudo-header', { ...REQUEST, ':status': '200' }],
    ['a pseudo-header after the others', { ':method': 'GET', ':scheme': 'http', a: 'b', ':path': '/' }],
    ['no path', { ':method': 'GET', ':scheme': 'http' }],
    ['an empty path', { ...REQUEST, ':path': '' }],
    ['upper case', { ...REQUEST, Accept: 'x' }],
    ['a header of the connection', { ...REQUEST, connection: 'close' }],
    ['te that asks for more than trailers', { ...REQUEST, te: 'gzip' }],
    ['a line break in a value', { ...REQUEST, a: 'b\r\nc: d' }],
    ['a blank before a value', { ...REQUEST, a: ' b' }],
    ['two lengths', { ...REQUEST, 'content-length': '1, 2' }],
    ['CONNECT with a path', { ...REQUEST, ':method': 'CONNECT' }],
  ])('with %s cost their call', (_, headers) => {
    const heard = greeted();
    expect(heard.after(open(1, headers), open(3))).toEqual(['opened 3', '> RST_STREAM 1 1']);
  });

  it('that are too many cost their call, and the table goes on', () => {
    const heard = greeted({ headerListBytes: 1000 });
    expect(heard.after(open(1, { ...REQUEST, a: 'x'.repeat(1000) }), open(3))).toEqual([
      'opened 3',
      '> RST_STREAM 1 11',
    ]);
  });

  it('may come in many frames, not in endless ones', () => {
    const heard = greeted();
    const block = Buffer.from('828684', 'hex');
    const [first, ...rest] = [0, 1, 2].map((at) => block.subarray(at, at + 1));
    const more = rest.map((part, at) => frame(FrameType.continuation, at === 1 ? Flag.endHeaders : 0, 1, part));
    expect(heard.after(frame(FrameType.headers, 0, 1, first), ...more)).toEqual(['opened 1']);
    const empty = Array.from({ length: 100 }, () => frame(FrameType.continuation, 0, 3));
    expect(heard.after(frame(FrameType.headers, 0, 3, first), ...empty)).toEqual([
      'closed 1 fault 11',
      '> GOAWAY last 1 code 11',
    ]);
  });

  it('may be padded, and have a priority that counts for nothing', () => {
    const heard = greeted();
    const payload = Buffer.concat([
      Buffer.of(2),
      Buffer.from('0000000010', 'hex'),
      Buffer.from('828684', 'hex'),
      Buffer.alloc(2),
    ]);
    expect(heard.after(frame(FrameType.headers, Flag.endHeaders | 0x8 | 0x20, 1, payload))).toEqual(['opened 1']);
  });
});

describe('windows', () => {
  it('are given back by halves, to streams that go on only', () => {
    const heard = greeted({ streamWindow: 65_535, connectionWindow: 131_072 });
    const piece = frame(FrameType.data, 0, 1, Buffer.alloc(16_384));
    heard.after(open(1), piece);
    expect(heard.answers()).toEqual([]);
    heard.connection.receive(piece);
    expect(heard.answers()).toEqual(['WINDOW_UPDATE 1 32768']);
    heard.connection.receive(Buffer.concat([piece, frame(FrameType.data, Flag.endStream, 1, Buffer.alloc(16_384))]));
    expect(heard.answers()).toEqual(['WINDOW_UPDATE 65536']);
  });

  it('count padding', () => {
    const heard = greeted({ streamWindow: 65_535, connectionWindow: 65_535 });
    const padded = frame(FrameType.data, 0x8, 1, Buffer.concat([Buffer.of(255), Buffer.from('a'), Buffer.alloc(255)]));
    expect(heard.after(open(1), ...Array.from({ length: 128 }, () => padded)).at(-1)).toBe(
      `> WINDOW_UPDATE 1 ${128 * 257}`,
    );
  });

  it('of the peer hold back what we send, in order', () => {
    const heard = greeted();
    heard.after(settings(4, 3), open(1), open(3));
    for (const stream of [1, 3]) {
      heard.connection.respond(stream, OK, false);
      heard.connection.send(stream, Buffer.from('abcdef'), false);
      heard.connection.respond(stream, OK, true);
    }
    expect(heard.answers()).toEqual(['HEADERS 1 88', 'DATA 1 abc', 'HEADERS 3 88', 'DATA 3 abc']);
    expect(heard.after(window(1, 2))).toEqual(['> DATA 1 de']);
    expect(heard.after(settings(4, 4))).toEqual(['> SETTINGS ack', '> DATA 1 f', '> HEADERS 1 88 end', '> DATA 3 d']);
    expect(heard.after(settings(4, 0), window(3, 4))).toEqual(['> SETTINGS ack']);
    expect(heard.after(window(3, 2), end(1))).toEqual(['ended 1', '> DATA 3 ef', '> HEADERS 3 88 end']);
  });

  it('of the connection hold back all of them', () => {
    const heard = greeted();
    heard.after(settings(4, 1_000_000), open(1), open(3));
    heard.connection.send(1, Buffer.alloc(65_535, 'x'), false);
    heard.connection.send(3, Buffer.from('abc'), true);
    heard.answers();
    expect(heard.after(window(0, 2))).toEqual(['> DATA 3 ab']);
    expect(heard.after(window(0, 2))).toEqual(['> DATA 3 c end']);
  });

  it('that the peer never opens hold a bounded number of bytes', () => {
    const heard = greeted({ outputBytes: 1000 });
    heard.after(settings(4, 0), open(1));
    heard.connection.send(1, Buffer.alloc(900), false);
    expect(heard.after()).toEqual([]);
    heard.connection.send(1, Buffer.alloc(900), false);
    expect(heard.after()).toEqual(['closed 1 fault 11', '> GOAWAY last 1 code 11']);
  });

  it('forget what waited for a stream that is reset', () => {
    const heard = greeted({ outputBytes: 1000 });
    heard.after(settings(4, 2));
    for (let stream = 1; stream < 100; stream += 2) {
      heard.after(open(stream));
      heard.connection.send(stream, Buffer.alloc(800), true);
      heard.after(reset(stream));
    }
    expect(heard.connection.fault).toBeUndefined();
  });
});

describe('going away', () => {
  it('takes what is under way, then says what the last one was', () => {
    const heard = greeted();
    heard.after(open(1));
    heard.connection.goAway(ErrorCode.noError);
    expect(heard.answers()).toEqual(['GOAWAY last 2147483647 code 0', 'PING']);
    expect(heard.after(open(3))).toEqual(['opened 3']);
    expect(heard.after(ping(Flag.endStream, Buffer.from('loop-off')))).toEqual(['> GOAWAY last 3 code 0']);
    expect(heard.after(open(5), data(3, 'on'))).toEqual(['data 3 on', '> RST_STREAM 5 7']);
    heard.connection.goAway(ErrorCode.noError);
    expect(heard.after(end(3))).toEqual(['ended 3']);
  });

  it('asked twice does not wait for the peer; with a code it is the end', () => {
    const heard = greeted();
    heard.connection.goAway(ErrorCode.noError);
    heard.connection.goAway(ErrorCode.noError);
    expect(heard.answers().at(-1)).toBe('GOAWAY last 0 code 0');
    heard.connection.goAway(ErrorCode.enhanceYourCalm);
    expect(heard.answers()).toEqual(['GOAWAY last 0 code 11']);
    expect(heard.connection.fault?.code).toBe(11);
  });

  it('of the peer changes nothing', () => {
    const heard = greeted();
    expect(heard.after(open(1), frame(GOAWAY, 0, 0, Buffer.alloc(12)), data(1, 'a'))).toEqual(['opened 1', 'data 1 a']);
  });
});

describe('signs of life', () => {
  it('are given, and one that nobody asked for changes nothing', () => {
    const heard = greeted();
    expect(heard.after(ping())).toEqual(['> PING ack']);
    expect(heard.after(ping(Flag.endStream))).toEqual([]);
  });

  it('a connection is ready once the peer has said its settings', () => {
    const heard = new Heard();
    expect(heard.after()).toEqual(['> SETTINGS', '> WINDOW_UPDATE 16711681']);
    heard.connection.receive(PREFACE.subarray(0, 30));
    expect(heard.connection.isReady).toBe(false);
    heard.connection.receive(PREFACE.subarray(30));
    expect(heard.connection.isReady).toBe(true);
    expect(heard.after()).toEqual(['> SETTINGS ack']);
  });
});
