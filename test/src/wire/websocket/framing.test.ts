import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, WebSocketDeframer } from '../../../../src/wire/websocket/framing.ts';
import { closeFrame, frame, framed, MASK } from '../../../support/websocket-frames.ts';

function read(chunks: readonly Uint8Array[], maxBytes = 100_000) {
  const deframer = new WebSocketDeframer(maxBytes);
  const frames = chunks.flatMap((chunk) => deframer.push(chunk));
  deframer.end();
  const shown = frames.map(
    ({ opcode, fin, compressed, masked, bytes }) =>
      `${opcode}${fin ? '' : '+'}${compressed ? ' z' : ''}${masked ? ' masked' : ''} ${bytes.length > 9 ? bytes.length : Buffer.from(bytes).toString()}`,
  );
  return { frames: shown, fault: deframer.fault };
}

const FRAMES = [
  frame('text', 'hi'),
  frame('ping'),
  frame('text', 'he', { fin: false, compressed: true }),
  frame('pong', 'now'),
  frame('continuation', 'y'),
  frame('binary', new Uint8Array(126)),
  frame('binary', new Uint8Array(70_000)),
  closeFrame(1000, 'bye'),
];
const SHOWN = ['text hi', 'ping ', 'text+ z he', 'pong now', 'continuation y', 'binary 126', 'binary 70000'];
const CLOSE = 'close \u0003\ufffdbye';

describe('frames of a server', () => {
  const bytes = framed(FRAMES);
  const all = { frames: [...SHOWN, CLOSE], fault: undefined };
  it('whole', () => expect(read([bytes])).toEqual(all));
  it('byte by byte', () => expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(all));
  it('with a byte too many', () => expect(read([bytes, Uint8Array.of(0x81)])).toEqual({ ...all, fault: 'truncated' }));
  it('cut short', () => expect(read([bytes.subarray(0, -1)])).toEqual({ frames: SHOWN, fault: 'truncated' }));
});

describe('frames of a client', () => {
  const bytes = framed(FRAMES, MASK);
  const masked = [...SHOWN, CLOSE].map((line) => line.replace(/^(\S+(?: z)?)/, '$1 masked'));
  it('whole', () => expect(read([bytes])).toEqual({ frames: masked, fault: undefined }));
  it('byte by byte', () =>
    expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual({ frames: masked, fault: undefined }));
  it('of the RFC: a masked "Hello"', () => {
    const hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    expect(read([Uint8Array.from(hello)])).toEqual({ frames: ['text masked Hello'], fault: undefined });
    expect([...encodeFrame(frame('text', 'Hello'), MASK)]).toEqual(hello);
  });
});

describe('what is no frame', () => {
  const FAULTS: readonly (readonly [string, readonly number[], string])[] = [
    ['a reserved bit', [0xa1, 0], 'bad-reserved'],
    ['a compressed continuation', [0xc0, 0], 'bad-reserved'],
    ['a compressed ping', [0xc9, 0], 'bad-reserved'],
    ['a reserved opcode', [0x83, 0], 'bad-opcode'],
    ['a ping in pieces', [0x09, 0], 'bad-control'],
    ['a long ping', [0x89, 126, 0, 126], 'bad-control'],
    ['a length of 2^63', [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], 'bad-length'],
    ['a length beyond the limit, before its bytes come', [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0], 'too-large'],
  ];
  it.each(FAULTS)('%s', (_, bytes, fault) => {
    const good = encodeFrame(frame('text', 'good'));
    expect(read([good, Uint8Array.from(bytes), good])).toEqual({ frames: ['text good'], fault });
  });
});

it('frames are the same wherever the chunks are cut', () => {
  const bytes = framed(FRAMES, MASK).subarray(0, 200);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (size) => {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(read(chunks)).toEqual(read([bytes]));
    }),
  );
});

it('what was read keeps its bytes as they came', () => {
  const bytes = framed(FRAMES, MASK);
  const wires = new WebSocketDeframer(100_000).push(bytes).map(({ wire }) => wire);
  expect(Buffer.concat(wires)).toEqual(Buffer.from(bytes));
});
