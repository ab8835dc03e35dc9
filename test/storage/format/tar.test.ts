import { describe, expect, it } from 'vitest';
import { parseTarHeader } from '../../../storage/format/tar.ts';
import { tarBlock } from '../../support/tar.ts';

const parse = (of: Parameters<typeof tarBlock>[0]) => parseTarHeader(tarBlock(of));

describe('a header', () => {
  it.each([
    [
      { name: 'loop.json', size: 7 },
      { name: 'loop.json', type: 'file', size: 7 },
    ],
    [
      { name: 'a', type: '\0' },
      { name: 'a', type: 'file', size: 0 },
    ],
    [
      { name: 'a', size: '00000000012 ' },
      { name: 'a', type: 'file', size: 10 },
    ],
    [
      { name: 'a', size: '         12\0' },
      { name: 'a', type: 'file', size: 10 },
    ],
    [
      { name: 'a', magic: 'ustar  \0', prefix: 'atime' },
      { name: 'a', type: 'file', size: 0 },
    ],
    [
      { name: 'b', prefix: 'a' },
      { name: 'a/b', type: 'file', size: 0 },
    ],
    [
      { name: 'x'.repeat(100), prefix: '../etc' },
      { name: `../etc/${'x'.repeat(100)}`, type: 'file', size: 0 },
    ],
    // Hidden behind a NUL is not hidden.
    [{ name: 'loop.json\0../evil' }, { name: 'loop.json\0../evil', type: 'file', size: 0 }],
    [{ name: Buffer.from([0xff, 0xfe]) }, { name: '\u00ff\u00fe', type: 'file', size: 0 }],
    [
      { name: 'a', type: '2', linkname: '/etc/passwd' },
      { name: 'a', type: 'symbolic link', size: 0 },
    ],
    [
      { name: 'a', type: 'S', magic: 'ustar  \0' },
      { name: 'a', type: 'GNU sparse file', size: 0 },
    ],
    [
      { name: 'a', type: 'x' },
      { name: 'a', type: 'pax header', size: 0 },
    ],
    [
      { name: 'a', type: '\u00ff' },
      { name: 'a', type: 'unknown type', size: 0 },
    ],
  ])('%j', (of, expected) => {
    expect(parse(of)).toEqual(expected);
  });

  it.each([
    ['a wrong checksum', { checksum: '000000\0 ' }, 'the checksum of a header is wrong'],
    ['no checksum', { checksum: 'garbage!' }, 'the checksum of a header is wrong'],
    ['a size that is no number', { size: '99999999999\0' }, 'a size is not written as loop files have it'],
    ['a negative size', { size: '-0000000001\0' }, 'a size is not written as loop files have it'],
    ['no size', { size: '\0'.repeat(12) }, 'a size is not written as loop files have it'],
    [
      'a size in base 256',
      { size: Buffer.from('8000000000000000ffffffff', 'hex') },
      'a size is not written as loop files have it',
    ],
    ['a negative size in base 256', { size: Buffer.alloc(12, 0xff) }, 'a size is not written as loop files have it'],
    ['the magic of no tar', { magic: 'PK\u0003\u0004' }, 'it is no tar archive'],
    ['no magic, as in V7', { magic: '' }, 'it is no tar archive'],
  ])('%s is a fault', (_, of, fault) => {
    expect(parse(of)).toEqual({ fault });
  });

  it('of zeros is the end', () => {
    expect(parseTarHeader(new Uint8Array(512))).toBe('end');
  });
});
