import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readComposite } from '../../../../replay-sandbox/debug/java/events.ts';
import { Fields, USUAL_SIZES } from '../../../../replay-sandbox/debug/java/fields.ts';

const read = (hex: string) => readComposite(new Fields(Buffer.from(hex.replaceAll(' ', ''), 'hex'), USUAL_SIZES));
const THREAD = '0000000000000001';
const LOCATION = '01 00000000000000aa 00000000000000bb 0000000000000007';
const AT = { class: '00000000000000aa', method: '00000000000000bb', index: 7n };

describe('what the VM tells', () => {
  it('a breakpoint that stops all', () => {
    expect(read(`02 00000001 02 00000005 ${THREAD} ${LOCATION}`)).toEqual({
      suspends: 'all',
      events: [{ kind: 'breakpoint', request: 5, thread: THREAD, location: AT }],
    });
  });

  it('an exception that nobody catches', () => {
    const nowhere = '00'.repeat(25);
    expect(read(`02 00000001 04 00000006 ${THREAD} ${LOCATION} 4c 00000000000000cc ${nowhere}`)?.events).toMatchObject([
      {
        kind: 'exception',
        exception: { kind: 'object', id: '00000000000000cc' },
        caught: { class: '0000000000000000' },
      },
    ]);
  });

  it('a class that is ready', () => {
    const name = Buffer.from('Lshop/Main;').toString('hex');
    expect(read(`01 00000001 08 00000007 ${THREAD} 01 00000000000000aa 0000000b ${name} 00000007`)).toMatchObject({
      suspends: 'thread',
      events: [{ kind: 'class-prepare', signature: 'Lshop/Main;' }],
    });
  });

  it('is nothing when it is cut off, or counts more than there is', () => {
    expect(read(`02 00000001 02 00000005 ${THREAD}`)).toBeUndefined();
    expect(read('02 7fffffff')).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readComposite(new Fields(Buffer.from(bytes), USUAL_SIZES));
      }),
    );
  });
});
