import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrontend, encodeFrontend, namesIn, type Frontend } from '../../../../src/wire/postgres/frontend.ts';
import { Framer, messageFrame, type Frame } from '../../../../src/wire/postgres/framing.ts';

function frameOf(bytes: Uint8Array, midway: boolean): Frame {
  const framer = new Framer('client');
  if (midway) framer.restart();
  framer.push(bytes);
  const framed = framer.next();
  if (framed.kind === 'need-more' || framed.kind === 'fault') throw new Error(`no frame: ${framed.kind}`);
  return framed;
}

/** One table drives both directions. */
const table: readonly (readonly [Frontend, string])[] = [
  [{ kind: 'query', sql: 'select 1' }, 'Q 0000000d 73656c656374203100'],
  [{ kind: 'parse', name: 's1', sql: 'x', types: [23, 0] }, 'P 00000013 733100 7800 0002 00000017 00000000'],
  [
    {
      kind: 'bind',
      portal: '',
      statement: 's1',
      formats: [1],
      values: [Buffer.from('ab'), null],
      resultFormats: [0, 1],
    },
    'B 0000001e 00 733100 0001 0001 0002 00000002 6162 ffffffff 0002 0000 0001',
  ],
  [{ kind: 'describe', target: 'statement', name: 's1' }, 'D 00000008 53 733100'],
  [{ kind: 'close', target: 'portal', name: '' }, 'C 00000006 50 00'],
  [{ kind: 'execute', portal: '', maxRows: 100 }, 'E 00000009 00 00000064'],
  [{ kind: 'sync' }, 'S 00000004'],
  [{ kind: 'flush' }, 'H 00000004'],
  [{ kind: 'terminate' }, 'X 00000004'],
  [{ kind: 'copy-data', data: Buffer.from('1\n') }, 'd 00000006 310a'],
  [{ kind: 'copy-done' }, 'c 00000004'],
  [{ kind: 'copy-fail', reason: 'no' }, 'f 00000007 6e6f00'],
  [{ kind: 'password', data: Buffer.from('pw\0') }, 'p 00000007 707700'],
];

const packets: readonly (readonly [Frontend, string])[] = [
  [{ kind: 'startup', version: 196608, parameters: [['user', 'a']] }, '00000010 00030000 7573657200 6100 00'],
  [{ kind: 'cancel', process: 7, secret: Buffer.from('key!') }, '00000010 04d2162e 00000007 6b657921'],
  [{ kind: 'ssl' }, '00000008 04d2162f'],
  [{ kind: 'gss' }, '00000008 04d21630'],
];

function bytesOf(written: string): Buffer {
  const [type = '', ...rest] = written.split(' ');
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');
  return type.length === 1 ? Buffer.concat([Buffer.from(type), hex(rest.join(''))]) : hex(written.replaceAll(' ', ''));
}

describe('messages of the client', () => {
  for (const [message, written] of [...table, ...packets]) {
    it(`${message.kind} ⇄ ${written}`, () => {
      const bytes = bytesOf(written);
      expect(Buffer.from(encodeFrontend(message)).toString('hex')).toBe(bytes.toString('hex'));
      expect(
        decodeFrontend(
          frameOf(
            bytes,
            table.some(([, other]) => other === written),
          ),
        ),
      ).toEqual(message);
    });

    it(`${message.kind} with a byte too many or too few is refused`, () => {
      const bytes = bytesOf(written);
      if (!'QPBDCE'.includes(String.fromCharCode(bytes[0] ?? 0))) return;
      expect(decodeFrontend(messageFrame(Buffer.concat([bytes, Buffer.from([1])])))).toBeUndefined();
      expect(decodeFrontend(messageFrame(bytes.subarray(0, -1)))).toBeUndefined();
    });
  }

  it('decodes whatever it encoded', () => {
    const text = fc.string().map((value) => value.replaceAll('\0', ''));
    const value = fc.option(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      { nil: null },
    );
    const format = fc.constantFrom(0, 1);
    const bind = fc.record({
      kind: fc.constant('bind' as const),
      portal: text,
      statement: text,
      formats: fc.array(format),
      values: fc.array(value),
      resultFormats: fc.array(format),
    });
    const parse = fc.record({ kind: fc.constant('parse' as const), name: text, sql: text, types: fc.array(fc.nat()) });
    fc.assert(
      fc.property(fc.oneof(bind, parse), (message) => {
        expect(decodeFrontend(messageFrame(encodeFrontend(message)))).toEqual(message);
      }),
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...'QPBDECSFHXdcfp'.split('')), fc.uint8Array(), (type, body) => {
        expect(() => decodeFrontend(messageFrame(Buffer.concat([Buffer.from(`${type}\0\0\0\0`), body])))).not.toThrow();
      }),
    );
  });

  it('reads the names of a message that was cut', () => {
    const bytes = encodeFrontend({
      kind: 'bind',
      portal: 'p',
      statement: 's',
      formats: [],
      values: [Buffer.alloc(99)],
      resultFormats: [],
    });
    expect(namesIn({ ...messageFrame(bytes.subarray(0, 20)), cut: true })).toEqual({ portal: 'p', statement: 's' });
    expect(decodeFrontend({ ...messageFrame(bytes.subarray(0, 20)), cut: true })).toBeUndefined();
  });
});
