import { describe, expect, test } from 'vitest';
import type { Header } from '../../../../src/domain/exchange.ts';
import { decodeHeaders, encodeHeaders, findHeader } from '../../../../src/wire/extproc/headers.ts';
import { root } from '../../../support/extproc.ts';

const HeaderMap = root.lookupType('envoy.config.core.v3.HeaderMap');
const map = (...headers: { key?: string; value?: string; rawValue?: Buffer }[]) =>
  HeaderMap.encode(HeaderMap.fromObject({ headers })).finish();
const decode = (bytes: Uint8Array) => decodeHeaders(bytes, 0, bytes.length);
const find = (bytes: Uint8Array, name: string) => findHeader(bytes, 0, bytes.length, name);

const rows: [string, Uint8Array, Header[]][] = [
  ['none', map(), []],
  [
    'raw_value, as Envoy sends it',
    map({ key: ':path', rawValue: Buffer.from('/a') }),
    [{ name: ':path', value: '/a' }],
  ],
  ['value, as others send it', map({ key: 'a', value: 'b' }), [{ name: 'a', value: 'b' }]],
  [
    'both: raw_value counts',
    map({ key: 'a', value: 'text', rawValue: Buffer.from('raw') }),
    [{ name: 'a', value: 'raw' }],
  ],
  ['neither', map({ key: 'a' }), [{ name: 'a', value: '' }]],
  ['no key', map({ value: 'b' }), [{ name: '', value: 'b' }]],
  [
    'repeats keep their order',
    map({ key: 'a', value: '1' }, { key: 'b', value: '2' }, { key: 'a', value: '3' }),
    [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
      { name: 'a', value: '3' },
    ],
  ],
  [
    'bytes above 127 stay one char each',
    map({ key: 'a', rawValue: Buffer.from([0xff, 0x00, 0xe9]) }),
    [{ name: 'a', value: '\xff\x00\xe9' }],
  ],
  ['an upper-case name', map({ key: 'Authorization', value: 'x' }), [{ name: 'authorization', value: 'x' }]],
];

describe('a HeaderMap', () => {
  test.each(rows)('%s', (_name, bytes, headers) => {
    expect(decode(bytes)).toEqual(headers);
    for (const { name } of headers)
      expect(find(bytes, name)).toBe(headers.find((header) => header.name === name)?.value);
    expect(find(bytes, 'absent')).toBeUndefined();
  });

  test('comes back as it was encoded, and protobufjs reads it alike', () => {
    const headers = [
      { name: ':path', value: '/caf\xe9' },
      { name: 'cookie', value: 'x'.repeat(300) },
      { name: 'cookie', value: '' },
    ];
    const bytes = encodeHeaders(headers);
    expect(decode(bytes)).toEqual(headers);
    const seen = HeaderMap.toObject(HeaderMap.decode(bytes), { defaults: true });
    expect(
      seen['headers'].map((entry: { key: string; rawValue: Uint8Array }) => ({
        name: entry.key,
        value: Buffer.from(entry.rawValue).toString('latin1'),
      })),
    ).toEqual(headers);
  });

  test('lies anywhere in a message', () => {
    const inside = encodeHeaders([{ name: 'a', value: 'b' }]);
    const around = Buffer.concat([Buffer.from([0xff, 0xff]), inside, Buffer.from([0xff])]);
    expect(decodeHeaders(around, 2, 2 + inside.length)).toEqual([{ name: 'a', value: 'b' }]);
    expect(findHeader(around, 2, 2 + inside.length, 'a')).toBe('b');
  });

  test('that is broken is a fault; the search ends where it breaks', () => {
    const broken = Buffer.concat([
      encodeHeaders([{ name: 'a', value: 'b' }]),
      Buffer.from([0x0a, 0x04, 0x0a, 0x7f, 0x61, 0x61]),
    ]);
    expect(decode(broken)).toMatchObject({ fault: 'truncated' });
    expect(find(broken, 'a')).toBe('b');
    expect(find(broken, 'z')).toBeUndefined();
  });
});
