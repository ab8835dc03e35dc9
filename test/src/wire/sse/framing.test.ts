import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamDeframer } from '../../../../src/wire/sse/framing.ts';

function read(chunks: readonly (string | Uint8Array)[], maxBytes = 1000) {
  const deframer = new EventStreamDeframer(maxBytes);
  const blocks = chunks.flatMap((chunk) => deframer.push(Buffer.from(chunk)));
  const rest = deframer.end();
  return { blocks: blocks.map(({ lines }) => lines), rest: Buffer.from(rest).toString(), fault: deframer.fault };
}

const bytesOf = (text: string) => Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));

describe('blocks', () => {
  const STREAM = ': hello\n\ndata: one\nid: 1\n\n\n\ndata: zwölf\n\n';
  const BLOCKS = [[': hello'], ['data: one', 'id: 1'], ['data: zwölf']];
  for (const [name, end] of [
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ] as const) {
    const stream = STREAM.replaceAll('\n', end);
    it(`${name}, whole`, () => expect(read([stream])).toMatchObject({ blocks: BLOCKS, fault: undefined }));
    it(`${name}, byte by byte`, () =>
      expect(read(bytesOf(stream))).toMatchObject({ blocks: BLOCKS, fault: undefined }));
    it(`${name}, with a line too many`, () =>
      expect(read([stream, 'data: lost'])).toMatchObject({ blocks: BLOCKS, fault: 'truncated' }));
  }
  it('all ends in one stream', () =>
    expect(read(['data: 1\r\n\r\ndata: 2\n\ndata: 3\r\rdata: 4\r\n\n']).blocks).toEqual([
      ['data: 1'],
      ['data: 2'],
      ['data: 3'],
      ['data: 4'],
    ]));
  it('a CR ends the block at once, whatever comes', () => {
    const deframer = new EventStreamDeframer(100);
    expect(deframer.push(Buffer.from('data: now\r\n\r'))).toHaveLength(1);
    expect(deframer.push(Buffer.from('\n'))).toHaveLength(0);
    deframer.end();
    expect(deframer.fault).toBeUndefined();
  });
  it('a byte order mark at the beginning is none of it', () =>
    expect(read(['\ufeffdata: a\n\n\ufeffdata: b\n\n']).blocks).toEqual([['data: a'], ['\ufeffdata: b']]));
  it('bytes that are no UTF-8 are replaced', () =>
    expect(read([Uint8Array.of(0x64, 0xff, 0x0a, 0x0a)]).blocks).toEqual([['d\ufffd']]));
  it('longer than allowed', () =>
    expect(read(['data: 1\n\n', 'x'.repeat(2000), '\n\ndata: 2\n\n'])).toMatchObject({
      blocks: [['data: 1']],
      fault: 'too-large',
    }));
});

it('nothing is lost, wherever the chunks are cut', () => {
  const pieces = fc.array(fc.constantFrom('data: x', ': c', '\n', '\r', '\r\n', 'ä', 'id', '\ufeff'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 9 }), (words, size) => {
      const stream = Buffer.from(words.join(''));
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
        stream.subarray(at * size, (at + 1) * size),
      );
      const deframer = new EventStreamDeframer(1000);
      const wires = chunks.flatMap((chunk) => deframer.push(chunk)).map(({ wire }) => wire);
      expect(Buffer.concat([...wires, deframer.end()])).toEqual(stream);
      expect(read(chunks)).toEqual(read([stream]));
    }),
  );
});
