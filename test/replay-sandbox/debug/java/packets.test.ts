import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JdwpPacket } from '../../../../replay-sandbox/debug/java/packets.ts';
import { HANDSHAKE, JdwpStream, writeCommand } from '../../../../replay-sandbox/debug/java/packets.ts';

const VERSION = writeCommand(1, [1, 1], Buffer.alloc(0));
const REPLY = Buffer.from('0000000d000000018000650102', 'hex');
const TALK = Buffer.concat([HANDSHAKE, VERSION, REPLY]);
const READ = [
  { kind: 'command', id: 1, set: 1, command: 1, data: Buffer.alloc(0) },
  { kind: 'reply', id: 1, error: 101, data: Buffer.from([1, 2]) },
];

function readIn(parts: readonly Uint8Array[]): readonly JdwpPacket[] {
  const stream = new JdwpStream();
  return parts.flatMap((part) => stream.push(part));
}

describe('packets after the handshake', () => {
  it('whole, byte by byte, and with the beginning of another behind', () => {
    expect(readIn([TALK])).toEqual(READ);
    expect(readIn([...TALK].map((byte) => Buffer.of(byte)))).toEqual(READ);
    expect(readIn([Buffer.concat([TALK, REPLY.subarray(0, 7)])])).toEqual(READ);
  });

  it.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a packet shorter than its head', Buffer.concat([HANDSHAKE, Buffer.from('00000004000000010000000000', 'hex')])],
    ['a packet of four gigabytes', Buffer.concat([HANDSHAKE, Buffer.alloc(11, 0xff)])],
  ])('%s ends the reading', (_what, bytes) => {
    const stream = new JdwpStream();
    expect(stream.push(bytes)).toEqual([]);
    expect(stream.broken).toBe(true);
    expect(stream.push(TALK)).toEqual([]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (parts) => {
        expect(() => readIn([HANDSHAKE, ...parts])).not.toThrow();
      }),
    );
  });
});
