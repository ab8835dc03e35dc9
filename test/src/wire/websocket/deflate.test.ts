import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeflateSide } from '../../../../src/wire/websocket/deflate.ts';
import {
  agreedDeflate,
  answerOffer,
  MessageDeflater,
  MessageInflater,
} from '../../../../src/wire/websocket/deflate.ts';

const TAKEOVER: DeflateSide = { noContext: false, bits: 15 };
const NO_CONTEXT: DeflateSide = { noContext: true, bits: 15 };
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (bytes: Uint8Array | string) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString());

describe('messages of RFC 7692, section 7.2.3', () => {
  it('one after the other in one window', () => {
    const inflater = new MessageInflater(TAKEOVER);
    expect(text(inflater.inflate(hex('f2 48 cd c9 c9 07 00'), 100))).toBe('Hello');
    expect(text(inflater.inflate(hex('f2 00 11 00 00'), 100))).toBe('Hello');
  });
  it.each([
    ['a block without compression', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['a final block', 'f3 48 cd c9 c9 07 00 00'],
    ['two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
  ])('%s', (_, bytes) => expect(text(new MessageInflater(TAKEOVER).inflate(hex(bytes), 100))).toBe('Hello'));
  it('a second message means nothing without the first', () =>
    expect(new MessageInflater(NO_CONTEXT).inflate(hex('f2 00 11 00 00'), 100)).toBe('bad-compression'));
  it('an empty one', () => expect(text(new MessageInflater(TAKEOVER).inflate(Uint8Array.of(0), 100))).toBe(''));
});

describe('a bomb', () => {
  it('is not unpacked', () => {
    const packed = new MessageDeflater(TAKEOVER).deflate(new Uint8Array(50_000_000));
    expect(packed.length).toBeLessThan(60_000);
    expect(new MessageInflater(TAKEOVER).inflate(packed, 1_000_000)).toBe('too-large');
  });
  it('noise is no message', () =>
    expect(new MessageInflater(TAKEOVER).inflate(Buffer.from('no deflate at all'), 100)).toBe('bad-compression'));
});

describe('what is packed is unpacked', () => {
  it.each([
    ['with a window that goes on', TAKEOVER],
    ['with none', NO_CONTEXT],
    ['with a small one', { noContext: false, bits: 9 }],
  ])('%s', (_, side) => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3000 }), { maxLength: 6 }), (texts) => {
        const [deflater, inflater] = [new MessageDeflater(side), new MessageInflater(side)];
        const all = [...texts, ...texts];
        expect(all.map((one) => text(inflater.inflate(deflater.deflate(Buffer.from(one)), 100_000)))).toEqual(all);
      }),
      { numRuns: 30 },
    );
  });
  it('what was said before makes it smaller', () => {
    const deflater = new MessageDeflater(TAKEOVER);
    const message = Buffer.from('{"ticker":"ACME","bid":12.5,"ask":12.75}');
    expect(deflater.deflate(message).length).toBeGreaterThan(3 * deflater.deflate(message).length);
  });
});

describe('what was agreed', () => {
  it.each([
    [undefined, undefined],
    ['x-other', undefined],
    ['permessage-deflate', { server: TAKEOVER, client: TAKEOVER }],
    [
      'permessage-deflate; server_no_context_takeover; client_max_window_bits=10',
      { server: NO_CONTEXT, client: { noContext: false, bits: 10 } },
    ],
    ['permessage-deflate; server_max_window_bits="12"', { server: { noContext: false, bits: 12 }, client: TAKEOVER }],
    ['permessage-deflate; server_max_window_bits=99', { server: TAKEOVER, client: TAKEOVER }],
  ])('%s', (answer, agreed) => expect(agreedDeflate(answer)).toEqual(agreed));
});

describe('what a client that offers is answered, with what was recorded', () => {
  const PLAIN = agreedDeflate('permessage-deflate');
  const STRICT = agreedDeflate('permessage-deflate; server_no_context_takeover; client_no_context_takeover');
  const SMALL = agreedDeflate('permessage-deflate; client_max_window_bits=10; server_max_window_bits=11');
  const OFFER = 'permessage-deflate; client_max_window_bits';
  it.each([
    ['nothing, as before', OFFER, undefined, undefined],
    ['nothing without an offer', undefined, PLAIN, undefined],
    ['the same', OFFER, PLAIN, 'permessage-deflate'],
    ['what was stricter', OFFER, STRICT, 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
    ['small windows', OFFER, SMALL, 'permessage-deflate; server_max_window_bits=11; client_max_window_bits=10'],
    [
      'no window that the client cannot make',
      'permessage-deflate',
      SMALL,
      'permessage-deflate; server_max_window_bits=11',
    ],
    [
      'the second of two offers',
      'permessage-deflate; server_max_window_bits=8, permessage-deflate',
      PLAIN,
      'permessage-deflate',
    ],
  ])('%s', (_, offered, wanted, answer) => expect(answerOffer(offered, wanted)).toBe(answer));
});
