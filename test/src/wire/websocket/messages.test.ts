import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageDeflater } from '../../../../src/wire/websocket/deflate.ts';
import { WebSocketEncoder } from '../../../../src/wire/websocket/encode.ts';
import { WebSocketDeframer } from '../../../../src/wire/websocket/framing.ts';
import { WebSocketReader } from '../../../../src/wire/websocket/messages.ts';
import { closeFrame, frame, framed, MASK, said } from '../../../support/websocket-frames.ts';

const DEFLATE = { noContext: false, bits: 15 };

function read(
  frames: Parameters<typeof framed>[0],
  more: Partial<ConstructorParameters<typeof WebSocketReader>[0]> = {},
) {
  const reader = new WebSocketReader({ side: 'client', ...more });
  const messages = reader.push(framed(frames, MASK), 7);
  const raw = messages.filter(({ kind }) => kind === 'raw');
  const rest = raw.reduce((sum, { bytes }) => sum + bytes.length, reader.end().length);
  return { messages: said(messages.filter((message) => !raw.includes(message))), fault: reader.fault, rest };
}

describe('messages', () => {
  it('in one frame, or several with others between them', () =>
    expect(
      read([
        frame('text', 'one'),
        frame('text', 'tw', { fin: false }),
        frame('ping', 'there?'),
        frame('continuation', 'o', { fin: false }),
        frame('continuation'),
        frame('binary', 'three'),
        closeFrame(1000, 'bye'),
      ]),
    ).toEqual({
      messages: ['text one', 'ping there?', 'text two', 'binary three', 'close 1000 bye'],
      fault: undefined,
      rest: 0,
    }));

  it('a character that two frames share', () => {
    const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
    expect(read([frame('text', first, { fin: false }), frame('continuation', second)]).messages).toEqual(['text ä']);
  });

  it('have the time of their last byte, and what they were on the wire', () => {
    const reader = new WebSocketReader({ side: 'server' });
    const bytes = framed([frame('text', 'slow')]);
    expect(reader.push(bytes.subarray(0, 3), 10)).toEqual([]);
    expect(reader.push(bytes.subarray(3), 20)).toEqual([
      {
        side: 'server',
        at: 20,
        kind: 'text',
        bytes: new TextEncoder().encode('slow'),
        wire: bytes,
        summary: 'text, 4 bytes',
      },
    ]);
  });

  it('packed, over several frames', () => {
    const packed = new MessageDeflater(DEFLATE).deflate(Buffer.from('packed up'));
    const frames = [
      frame('text', packed.subarray(0, 4), { fin: false, compressed: true }),
      frame('continuation', packed.subarray(4)),
    ];
    expect(read(frames, { deflate: DEFLATE }).messages).toEqual(['text packed up']);
    expect(read(frames)).toMatchObject({ messages: [], fault: 'bad-reserved' });
  });

  it('nothing is read behind a close', () =>
    expect(read([frame('close'), frame('text', 'late')])).toEqual({
      messages: ['close'],
      fault: undefined,
      rest: expect.any(Number),
    }));
});

describe('faults', () => {
  it.each([
    ['text that is no UTF-8', [frame('text', Uint8Array.of(0xff))], 'bad-text'],
    ['a reason that is none', [frame('close', Uint8Array.of(3, 0xe8, 0xff))], 'bad-close'],
    ['half a code', [frame('close', Uint8Array.of(3))], 'bad-close'],
    ['a code that is never sent', [closeFrame(1006)], 'bad-close'],
    ['a continuation of nothing', [frame('continuation', 'x')], 'bad-continuation'],
    ['a message in the middle of one', [frame('text', 'x', { fin: false }), frame('text', 'y')], 'bad-continuation'],
    ['the end in the middle of one', [frame('text', 'x', { fin: false })], 'truncated'],
    [
      'what grows beyond the limit',
      [frame('text', 'x'.repeat(60), { fin: false }), frame('continuation', 'x'.repeat(60))],
      'too-large',
    ],
  ])('%s', (_, frames, fault) => {
    const found = read([frame('text', 'good'), ...frames, frame('text', 'late')].slice(0, frames.length + 1), {
      maxBytes: 100,
    });
    expect(found).toMatchObject({ messages: ['text good'], fault });
    expect(found.rest).toBeGreaterThan(0);
  });
  it('more messages than anybody reads', () => {
    const reader = new WebSocketReader({ side: 'server' });
    const many = framed(Array.from({ length: 10_000 }, () => frame('text')));
    const found = Array.from({ length: 7 }, (_, at) => reader.push(many, at)).flat();
    expect(reader.fault).toBe('too-many');
    expect(found.filter(({ kind }) => kind !== 'raw')).toHaveLength(50_000);
    const raw = found.filter(({ kind }) => kind === 'raw');
    expect(raw.map(({ at, summary }) => `${at}: ${summary}`)).toEqual([
      '5: raw, 20000 bytes (too-many)',
      '6: raw, 20000 bytes (too-many)',
    ]);
  });
  it('loses no byte, wherever it is', () => {
    const frames = [
      frame('text', 'be', { fin: false }),
      frame('ping', 'there?'),
      frame('continuation', Uint8Array.of(0xff)),
      frame('text', 'late'),
      frame('binary', 'later'),
    ];
    const bytes = framed(frames, MASK);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = new WebSocketReader({ side: 'client' });
      const found = [...reader.push(bytes.subarray(0, cut), 0), ...reader.push(bytes.subarray(cut), 1)];
      const wire = [...found.map((message) => message.wire ?? message.bytes), reader.end()];
      expect(reader.fault).toBe('bad-text');
      expect(Buffer.concat(wire)).toHaveLength(bytes.length);
      expect(found[0]?.kind).toBe('ping');
      expect(found.slice(1).every(({ kind }) => kind === 'raw')).toBe(true);
    }
  });
  it('a bomb of many', () => {
    const bomb = new MessageDeflater({ ...DEFLATE, noContext: true }).deflate(new Uint8Array(10_000_000));
    const frames = Array.from({ length: 40 }, () => frame('binary', bomb, { compressed: true }));
    expect(read(frames, { deflate: DEFLATE }).fault).toBe('too-large');
  });
});

describe('there and back', () => {
  const SIDES = [
    ['plain', undefined],
    ['packed', DEFLATE],
    ['packed without takeover', { ...DEFLATE, noContext: true }],
  ] as const;
  it.each(SIDES)('%s', (_, deflate) => {
    const content = fc.array(fc.tuple(fc.constantFrom('text', 'binary', 'ping'), fc.string({ maxLength: 100 })));
    fc.assert(
      fc.property(content, (messages) => {
        const encoder = new WebSocketEncoder({ deflate, mask: () => MASK });
        const reader = new WebSocketReader({ side: 'client', deflate });
        const came = messages.flatMap(([kind, text]) => {
          const message = { side: 'client' as const, at: 0, kind, bytes: Buffer.from(text), summary: '' };
          return reader.push(encoder.encode(message) ?? new Uint8Array(0), 0);
        });
        expect(said(came)).toEqual(messages.map(([kind, text]) => `${kind} ${text}`.trimEnd()));
      }),
      { numRuns: 40 },
    );
  });
  it.each([undefined, DEFLATE])('in as many frames as before', (deflate) => {
    const frames = [
      frame('text', 'ab', { fin: false }),
      frame('continuation', 'c', { fin: false }),
      frame('continuation', 'defg'),
    ];
    const [message] = new WebSocketReader({ side: 'server' }).push(framed(frames), 0);
    if (message === undefined) throw new Error('no message');
    const again = new WebSocketEncoder({ deflate }).encode(message);
    const found = new WebSocketReader({ side: 'server', deflate }).push(again ?? new Uint8Array(0), 0);
    expect(said(found)).toEqual(['text abcdefg']);
    expect(new WebSocketDeframer(100).push(again ?? new Uint8Array(0))).toHaveLength(3);
  });
});
