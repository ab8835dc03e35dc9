import { describe, expect, it } from 'vitest';
import { HpackDecoder } from '../../../../../src/wire/http2/hpack/decoder.ts';
import type { Field } from '../../../../../src/wire/http2/hpack/field.ts';

function read(decoder: HpackDecoder, hex: string): readonly string[] | string {
  const fields: Field[] = [];
  // In the midst of a chunk, as blocks come.
  const bytes = Buffer.from(`ff${hex.replaceAll(' ', '')}ff`, 'hex');
  const decoded = decoder.decode(bytes, 1, bytes.length - 1, fields);
  return decoded === 'ok' ? fields.map(({ name, value }) => `${name}: ${value}`) : decoded;
}

const wide = (): HpackDecoder => new HpackDecoder(64 * 1024);

const literal = (start: number, name: string, value: string): string =>
  Buffer.concat([
    Buffer.of(start, name.length),
    Buffer.from(name),
    Buffer.of(value.length),
    Buffer.from(value),
  ]).toString('hex');

const FIRST = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
const SECOND = [...FIRST, 'cache-control: no-cache'];
const THIRD = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
];

describe('the examples of RFC 7541', () => {
  it('C.3: requests in plain text', () => {
    const decoder = wide();
    expect(read(decoder, '828684410f7777772e6578616d706c652e636f6d')).toEqual(FIRST);
    expect(read(decoder, '828684be58086e6f2d6361636865')).toEqual(SECOND);
    expect(read(decoder, '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565')).toEqual(THIRD);
  });

  it('C.4: requests in Huffman codes', () => {
    const decoder = wide();
    expect(read(decoder, '828684418cf1e3c2e5f23a6ba0ab90f4ff')).toEqual(FIRST);
    expect(read(decoder, '828684be5886a8eb10649cbf')).toEqual(SECOND);
    expect(read(decoder, '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf')).toEqual(THIRD);
  });

  it('C.6: answers in Huffman codes, with a table of 256 bytes that overflows', () => {
    const decoder = wide();
    const date = 'date: Mon, 21 Oct 2013 20:13:2';
    const rest = ['cache-control: private', 'location: https://www.example.com'];
    const first = `3fe101 488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff
      6e919d29ad171863c78f0b97c8e9ae82ae43d3`;
    expect(read(decoder, first.replaceAll(/\s/g, ''))).toEqual([':status: 302', rest[0], `${date}1 GMT`, rest[1]]);
    expect(read(decoder, '4883640effc1c0bf')).toEqual([':status: 307', rest[0], `${date}1 GMT`, rest[1]]);
    const third = `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b39
      60d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`;
    expect(read(decoder, third.replaceAll(/\s/g, ''))).toEqual([
      ':status: 200',
      rest[0],
      `${date}2 GMT`,
      rest[1],
      'content-encoding: gzip',
      'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
    ]);
  });
});

describe('the table', () => {
  it('counts from the newest entry back, and forgets the oldest', () => {
    const decoder = wide();
    const kept = (name: string): string => literal(0x40, name, 'x');
    // Room for two entries of 34 bytes.
    expect(read(decoder, `3f25${kept('a')}${kept('b')}${kept('c')}bebf`)).toEqual([
      'a: x',
      'b: x',
      'c: x',
      'c: x',
      'b: x',
    ]);
    expect(read(decoder, 'c0')).toBe('broken');
  });

  it('gives the same object for an entry each time, and is empty after one that is larger than it', () => {
    const decoder = wide();
    const fields: Field[] = [];
    const block = Buffer.from(`${literal(0x40, 'a', 'x')}bebe`, 'hex');
    decoder.decode(block, 0, block.length, fields);
    expect(new Set(fields).size).toBe(1);
    expect(read(decoder, `21${literal(0x40, 'b', 'x')}`)).toEqual(['b: x']);
    expect(read(decoder, 'be')).toBe('broken');
  });

  it('goes round as often as it is filled', () => {
    const decoder = wide();
    for (let number = 0; number < 1000; number += 1) {
      const name = `h${number % 10}`;
      expect(read(decoder, `${literal(0x40, name, 'x')}be`)).toEqual([`${name}: x`, `${name}: x`]);
    }
  });

  it('says when the same bytes may mean something else', () => {
    const decoder = wide();
    const seen = ['828684', literal(0x00, 'a', 'x'), literal(0x40, 'a', 'x'), 'be', '20'].map((hex) => {
      const before = decoder.generation;
      read(decoder, hex);
      return decoder.generation !== before;
    });
    expect(seen).toEqual([false, false, true, false, true]);
  });
});

describe('what cannot be read', () => {
  it.each([
    ['an index of nothing', '80'],
    ['an index beyond the table', 'be'],
    ['an index that never ends', 'ffffffffffffffff'],
    ['a length beyond the block', '00017805'],
    ['a length of a gigabyte', '007fffffffff0378'],
    ['no value', '000178'],
    ['a table larger than ours', '3fe21f'],
    ['a resize within the block', '8220'],
    ['three resizes', '20203f0120'],
    ['padding of eight ones', '00017882ffff'],
    ['padding of zeros', '0001788118'],
    ['the end of the string as a symbol', '00017884ffffffff'],
  ])('%s', (_, hex) => {
    expect(read(wide(), hex)).toBe('broken');
  });

  it('is nothing where there is nothing', () => {
    expect(read(wide(), '')).toEqual([]);
  });
});

describe('a list that is too large', () => {
  it('costs neither memory nor the table', () => {
    const decoder = new HpackDecoder(200);
    const fields: Field[] = [];
    // One entry, named a thousand times: 40 KB of list out of a KB.
    const bomb = Buffer.concat([Buffer.from(literal(0x40, 'abc', 'value'), 'hex'), Buffer.alloc(1000, 0xbe)]);
    expect(decoder.decode(bomb, 0, bomb.length, fields)).toBe('too-large');
    expect(fields).toHaveLength(5);
    expect(read(decoder, 'be')).toEqual(['abc: value']);
  });
});
