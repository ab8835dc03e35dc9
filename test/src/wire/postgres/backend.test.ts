import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBackend, encodeBackend, reportField, type Backend } from '../../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../../src/wire/postgres/framing.ts';

/** One table drives both directions. */
const table: readonly (readonly [Backend, string])[] = [
  [
    { kind: 'authentication', code: 10, data: Buffer.from('SCRAM-SHA-256\0\0') },
    'R 00000017 0000000a 534352414d2d5348412d3235360000',
  ],
  [{ kind: 'parameter-status', name: 'a', value: 'b' }, 'S 00000008 6100 6200'],
  [{ kind: 'backend-key', process: 7, secret: Buffer.from('key!') }, 'K 0000000c 00000007 6b657921'],
  [{ kind: 'ready', status: 'T' }, 'Z 00000005 54'],
  [
    {
      kind: 'row-description',
      columns: [{ name: 'id', table: 1, attribute: 2, type: 23, size: 4, modifier: -1, format: 0 }],
    },
    'T 0000001b 0001 696400 00000001 0002 00000017 0004 ffffffff 0000',
  ],
  [{ kind: 'parameter-description', types: [25] }, 't 0000000a 0001 00000019'],
  [
    { kind: 'data-row', values: [Buffer.from('7'), null, Buffer.alloc(0)] },
    'D 00000013 0003 00000001 37 ffffffff 00000000',
  ],
  [{ kind: 'command-complete', tag: 'BEGIN' }, 'C 0000000a 424547494e00'],
  [
    {
      kind: 'error',
      fields: [
        ['C', '22P02'],
        ['M', 'no'],
      ],
    },
    'E 00000010 43 323250303200 4d 6e6f00 00',
  ],
  [{ kind: 'notice', fields: [] }, 'N 00000005 00'],
  [{ kind: 'notification', process: 7, channel: 'c', payload: '' }, 'A 0000000b 00000007 6300 00'],
  [{ kind: 'copy-in', format: 0, columns: [0, 0] }, 'G 0000000b 00 0002 0000 0000'],
  [{ kind: 'copy-out', format: 1, columns: [] }, 'H 00000007 01 0000'],
  [{ kind: 'copy-both', format: 0, columns: [] }, 'W 00000007 00 0000'],
  [{ kind: 'copy-data', data: Buffer.from('1') }, 'd 00000005 31'],
  [{ kind: 'function-result', data: Buffer.from('1') }, 'V 00000005 31'],
  [{ kind: 'negotiate-version', newest: 0x30000, unknown: ['_pq_.x'] }, 'v 00000013 00030000 00000001 5f70715f2e7800'],
  [{ kind: 'parse-complete' }, '1 00000004'],
  [{ kind: 'bind-complete' }, '2 00000004'],
  [{ kind: 'close-complete' }, '3 00000004'],
  [{ kind: 'no-data' }, 'n 00000004'],
  [{ kind: 'portal-suspended' }, 's 00000004'],
  [{ kind: 'empty-query' }, 'I 00000004'],
  [{ kind: 'copy-done' }, 'c 00000004'],
];

function bytesOf(written: string): Buffer {
  const [type = '', ...rest] = written.split(' ');
  return Buffer.concat([Buffer.from(type), Buffer.from(rest.join(''), 'hex')]);
}

describe('messages of the server', () => {
  for (const [message, written] of table) {
    it(`${message.kind} ⇄ ${written}`, () => {
      expect(Buffer.from(encodeBackend(message)).toString('hex')).toBe(bytesOf(written).toString('hex'));
      expect(decodeBackend(messageFrame(bytesOf(written)))).toEqual(message);
    });
  }

  it('a body that does not follow its grammar is no message', () => {
    for (const written of [
      'Z 00000005 58',
      'D 00000006 0009',
      'T 00000006 0001',
      'C 00000006 4142',
      'E 00000006 4342',
      'Z 00000006 4949',
      'x 00000004',
    ]) {
      expect([written, decodeBackend(messageFrame(bytesOf(written)))]).toEqual([written, undefined]);
    }
  });

  it('decodes whatever it encoded: rows', () => {
    const value = fc.option(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      { nil: null },
    );
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const row = { kind: 'data-row', values } as const;
        expect(decodeBackend(messageFrame(encodeBackend(row)))).toEqual(row);
      }),
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...'123ACDEGHIKNRSTVWZcdnstv'.split('')), fc.uint8Array(), (type, body) => {
        expect(() => decodeBackend(messageFrame(Buffer.concat([Buffer.from(`${type}\0\0\0\0`), body])))).not.toThrow();
      }),
    );
  });

  it('finds the fields of a report by letter', () => {
    const fields = [
      ['C', '23505'],
      ['n', 'item_name_key'],
    ] as const;
    expect(reportField(fields, 'n')).toBe('item_name_key');
    expect(reportField(fields, 'D')).toBe('');
  });
});
