/**
 * What passes between a debugger and a Java VM, in either direction: the handshake, then packets.
 * https://docs.oracle.com/en/java/javase/17/docs/specs/jdwp/jdwp-spec.html
 *
 *   length u32 (of all) | id u32 | flags u8 | command: set u8, number u8 — reply (flags 0x80): error u16 | data
 */

export const HANDSHAKE = Buffer.from('JDWP-Handshake', 'latin1');
const HEAD = 11;
const REPLY = 0x80;
/** No answer to what is asked here comes near. */
const LONGEST = 64 * 1024 * 1024;

export type JdwpPacket =
  | {
      readonly kind: 'command';
      readonly id: number;
      readonly set: number;
      readonly command: number;
      readonly data: Buffer;
    }
  | { readonly kind: 'reply'; readonly id: number; readonly error: number; readonly data: Buffer };

/** One direction of a connection. What does not follow the protocol ends the reading, for good; it never throws. */
export class JdwpStream {
  #held: Buffer = Buffer.alloc(0);
  #state: 'handshake' | 'packets' | 'broken' = 'handshake';

  get broken(): boolean {
    return this.#state === 'broken';
  }

  get greeted(): boolean {
    return this.#state === 'packets';
  }

  push(bytes: Uint8Array): readonly JdwpPacket[] {
    if (this.#state === 'broken') return [];
    this.#held = this.#held.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#held, bytes]);
    if (this.#state === 'handshake') this.#greet();
    const packets: JdwpPacket[] = [];
    while (this.#state === 'packets' && this.#held.length >= HEAD) {
      const length = this.#held.readUInt32BE(0);
      if (length < HEAD || length > LONGEST) this.#break();
      else if (this.#held.length < length) break;
      else {
        packets.push(readPacket(this.#held.subarray(0, length)));
        this.#held = this.#held.subarray(length);
      }
    }
    return packets;
  }

  #greet(): void {
    const seen = this.#held.subarray(0, HANDSHAKE.length);
    if (!HANDSHAKE.subarray(0, seen.length).equals(seen)) return this.#break();
    if (seen.length < HANDSHAKE.length) return;
    this.#state = 'packets';
    this.#held = this.#held.subarray(HANDSHAKE.length);
  }

  #break(): void {
    this.#state = 'broken';
    this.#held = Buffer.alloc(0);
  }
}

function readPacket(bytes: Buffer): JdwpPacket {
  const id = bytes.readUInt32BE(4);
  const data = bytes.subarray(HEAD);
  return bytes.readUInt8(8) & REPLY
    ? { kind: 'reply', id, error: bytes.readUInt16BE(9), data }
    : { kind: 'command', id, set: bytes.readUInt8(9), command: bytes.readUInt8(10), data };
}

export function writeCommand(id: number, [set, command]: readonly [number, number], data: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(HEAD + data.length, 0);
  head.writeUInt32BE(id, 4);
  head.writeUInt8(set, 9);
  head.writeUInt8(command, 10);
  return Buffer.concat([head, data]);
}
