import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GrpcFrame } from '../../../../src/wire/grpc/framing.ts';
import { encodeGrpcFrame, GrpcDeframer } from '../../../../src/wire/grpc/framing.ts';

const frame = (text: string, compressed = false): GrpcFrame => ({ compressed, bytes: Buffer.from(text) });
const shown = (frames: readonly GrpcFrame[]) =>
  frames.map(({ compressed, bytes }) => `${compressed ? 'z ' : ''}${Buffer.from(bytes).toString()}`);

function read(chunks: readonly Uint8Array[], maxBytes = 1000) {
  const deframer = new GrpcDeframer(maxBytes);
  const frames = chunks.flatMap((chunk) => deframer.push(chunk));
  deframer.end();
  return { frames: shown(frames), fault: deframer.fault };
}

const BODY = Buffer.concat([frame('first'), frame(''), frame('squeezed', true)].map(encodeGrpcFrame));
const FRAMES = ['first', '', 'z squeezed'];

describe('messages of a body', () => {
  it('whole', () => expect(read([BODY])).toEqual({ frames: FRAMES, fault: undefined }));
  it('byte by byte', () =>
    expect(read(Array.from(BODY, (byte) => Uint8Array.of(byte)))).toEqual({ frames: FRAMES, fault: undefined }));
  it('with a byte too many', () =>
    expect(read([BODY, Uint8Array.of(0)])).toEqual({ frames: FRAMES, fault: 'truncated' }));
  it('cut short', () =>
    expect(read([BODY.subarray(0, -1)])).toEqual({ frames: FRAMES.slice(0, 2), fault: 'truncated' }));
  it('empty', () => expect(read([])).toEqual({ frames: [], fault: undefined }));
  it('with a flag nobody knows', () =>
    expect(read([encodeGrpcFrame(frame('one')), Uint8Array.of(2, 0, 0, 0, 0), BODY])).toEqual({
      frames: ['one'],
      fault: 'bad-flag',
    }));
  it('longer than allowed, told before its bytes come', () =>
    expect(read([Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff)])).toEqual({ frames: [], fault: 'too-large' }));

  it('are the same wherever the chunks are cut', () => {
    const cut = fc.record({
      texts: fc.array(fc.string({ maxLength: 30 }), { maxLength: 8 }),
      size: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(cut, ({ texts, size }) => {
        const body = Buffer.concat(texts.map((text) => encodeGrpcFrame(frame(text))));
        const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
          body.subarray(index * size, (index + 1) * size),
        );
        expect(read(chunks)).toEqual({ frames: texts, fault: undefined });
      }),
    );
  });

  it('are none of random bytes, and nothing breaks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (chunks) => {
        expect(read(chunks).frames.length).toBeLessThanOrEqual(chunks.length * 20);
      }),
    );
  });
});
