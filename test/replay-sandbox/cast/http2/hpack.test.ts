import { describe, expect, it } from 'vitest';
import { HpackReader } from '../../../../replay-sandbox/cast/http2/hpack.ts';

/** A new name and value, kept in the table. */
function kept(name: string, value: string): Buffer {
  return Buffer.from([0x40, name.length, ...Buffer.from(name), value.length, ...Buffer.from(value)]);
}

/** What stands at an index; the table's newest entry is at 62. */
const at = (index: number): Buffer => Buffer.from([0x80 | index]);

function read(reader: HpackReader, ...pieces: readonly Buffer[]): readonly string[] | undefined {
  return reader.read(Buffer.concat(pieces))?.map(({ name, value }) => `${name}: ${value}`);
}

describe('the table of a connection', () => {
  it('counts from the newest entry back, also across blocks', () => {
    const reader = new HpackReader();
    expect(read(reader, kept('a', '1'), kept('b', '2'), at(62), at(63))).toEqual(['a: 1', 'b: 2', 'b: 2', 'a: 1']);
    expect(read(reader, kept('c', '3'), at(64), at(2))).toEqual(['c: 3', 'a: 1', ':method: GET']);
    expect(read(reader, at(65))).toBeUndefined();
  });

  it('forgets the oldest where it is full', () => {
    const reader = new HpackReader();
    // Room for two entries of 34 bytes.
    expect(read(reader, Buffer.from([0x3f, 68 - 31]), kept('a', '1'), kept('b', '2'), kept('c', '3'))).toHaveLength(3);
    expect(read(reader, at(62), at(63))).toEqual(['c: 3', 'b: 2']);
    expect(read(reader, at(64))).toBeUndefined();
  });

  it('is empty once it has no room, and fills anew', () => {
    const reader = new HpackReader();
    read(reader, kept('a', '1'), Buffer.from([0x20]));
    expect(read(reader, at(62))).toBeUndefined();
    expect(read(reader, Buffer.from([0x3f, 68 - 31]), kept('b', '2'), at(62))).toEqual(['b: 2', 'b: 2']);
  });

  it('keeps up with an array that is searched from the front', () => {
    const reader = new HpackReader();
    read(reader, Buffer.from([0x3f, 3 * 35 - 31]));
    const front: string[] = [];
    for (let number = 0; number < 500; number += 1) {
      const name = `h${number % 10}`;
      front.unshift(`${name}: x`);
      front.length = Math.min(front.length, 3);
      read(reader, kept(name, 'x'));
      expect(read(reader, ...front.map((_, index) => at(62 + index)))).toEqual(front);
    }
  });

  it('is not allowed to become larger than 64 KiB', () => {
    // 5-bit prefix, 31 + 65505 and one more.
    expect(read(new HpackReader(), Buffer.from([0x3f, 0xe1, 0xff, 0x03]))).toEqual([]);
    expect(read(new HpackReader(), Buffer.from([0x3f, 0xe2, 0xff, 0x03]))).toBeUndefined();
  });

  it('takes a block of 300 KB of new entries in its stride', { timeout: 5_000 }, () => {
    const reader = new HpackReader();
    const entries = Buffer.alloc(300_000).map((_, index) => (index % 3 === 0 ? 0x40 : 0));
    expect(reader.read(Buffer.concat([Buffer.from([0x3f, 0xe1, 0xff, 0x03]), entries]))).toHaveLength(100_000);
  });
});
