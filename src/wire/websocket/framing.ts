/**
 * Frames of a WebSocket. https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 *
 *     bit 0 FIN, 1 RSV1 (compressed, RFC 7692), 2-3 RSV2-3, 4-7 opcode | 8 MASK, 9-15 length
 *     length 126: two more bytes, 127: eight more, big endian | masking key, four bytes, where MASK is set | payload
 */

const OPCODES = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export type Opcode = keyof typeof OPCODES;

export interface WebSocketFrame {
  readonly opcode: Opcode;
  /** The last, or only, frame of its message. */
  readonly fin: boolean;
  /** RSV1: the message that begins here is compressed. */
  readonly compressed: boolean;
  /** Without the mask. */
  readonly bytes: Uint8Array;
}

export interface ReadFrame extends WebSocketFrame {
  readonly masked: boolean;
  /** As it came, head and mask included. */
  readonly wire: Uint8Array;
}

/**
 * - `bad-reserved` RSV2 or RSV3 is set, or RSV1 where a message cannot begin
 * - `bad-opcode`   a reserved one
 * - `bad-control`  a control frame that is longer than 125 bytes, or one of several
 * - `bad-length`   longer than 2^53 bytes
 * - `too-large`    longer than the limit
 * - `truncated`    the bytes end inside a frame
 */
export type FramingFault = 'bad-reserved' | 'bad-opcode' | 'bad-control' | 'bad-length' | 'too-large' | 'truncated';

/** A frame's first bytes, read. */
interface Head {
  readonly opcode: Opcode;
  readonly fin: boolean;
  readonly compressed: boolean;
  readonly masked: boolean;
  /** Of the head, with its mask. */
  readonly headBytes: number;
  readonly bytes: number;
}

const LONGEST_HEAD = 14;
const LONGEST_CONTROL = 125;
const BY_NUMBER: ReadonlyMap<number, Opcode> = new Map(
  (Object.keys(OPCODES) as Opcode[]).map((name) => [OPCODES[name], name]),
);

/** Fed with bytes of one side as they come. After a fault nothing more comes out of it. */
export class WebSocketDeframer {
  readonly #maxBytes: number;
  readonly #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Of the frame whose payload is still coming. */
  #head: Head | undefined = undefined;
  fault: FramingFault | undefined = undefined;

  /** `maxBytes` of one frame's payload. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The frames that these bytes complete. Unmasked ones are views where that is possible: do not write to what was pushed. */
  push(bytes: Uint8Array): readonly ReadFrame[] {
    if (bytes.length === 0) return [];
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.fault !== undefined) return [];
    const frames: ReadFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  /** Nothing more comes: sets the fault `truncated` when that is inside a frame. */
  end(): void {
    if (this.#pendingBytes > 0) this.fault ??= 'truncated';
  }

  /** Bytes that are in no frame, in one piece. */
  rest(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#pending));
  }

  #next(): ReadFrame | undefined {
    const head = this.#head ?? this.#readHead();
    if (head === undefined) return undefined;
    this.#head = head;
    const size = head.headBytes + head.bytes;
    if (this.#pendingBytes < size) return undefined;
    const whole = this.#gather(size).subarray(0, size);
    this.#drop(size);
    this.#head = undefined;
    const { headBytes, bytes: _, ...facts } = head;
    const payload = whole.subarray(headBytes);
    const bytes = head.masked ? applyMask(payload, whole.subarray(headBytes - 4, headBytes)) : payload;
    return { ...facts, bytes, wire: whole };
  }

  #readHead(): Head | undefined {
    if (this.fault !== undefined || this.#pendingBytes < 2) return undefined;
    const head = headOf(this.#gather(Math.min(LONGEST_HEAD, this.#pendingBytes)), this.#maxBytes);
    if (typeof head === 'string') this.fault = head;
    return typeof head === 'string' ? undefined : head;
  }

  /** At least so many pending bytes in one piece. */
  #gather(bytes: number): Uint8Array {
    const [first = new Uint8Array(0)] = this.#pending;
    if (first.length >= bytes) return first;
    const joined = new Uint8Array(Buffer.concat(this.#pending));
    this.#pending.splice(0, this.#pending.length, joined);
    return joined;
  }

  #drop(bytes: number): void {
    const [first = new Uint8Array(0)] = this.#pending;
    this.#pendingBytes -= bytes;
    if (first.length === bytes) this.#pending.shift();
    else this.#pending[0] = first.subarray(bytes);
  }
}

/** Undefined: more bytes are needed to tell. */
function headOf(bytes: Uint8Array, maxBytes: number): Head | FramingFault | undefined {
  const [first = 0, second = 0] = bytes;
  const opcode = BY_NUMBER.get(first & 0x0f);
  if ((first & 0x30) !== 0) return 'bad-reserved';
  if (opcode === undefined) return 'bad-opcode';
  const [fin, compressed, masked, short] = [(first & 0x80) !== 0, (first & 0x40) !== 0, second >= 0x80, second & 0x7f];
  if (compressed && opcode !== 'text' && opcode !== 'binary') return 'bad-reserved';
  if (isControl(opcode) && (!fin || short > LONGEST_CONTROL)) return 'bad-control';
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const headBytes = 2 + extended + (masked ? 4 : 0);
  if (bytes.length < 2 + extended) return undefined;
  const length = extended === 0 ? short : longLength(bytes, extended);
  if (!Number.isSafeInteger(length)) return 'bad-length';
  if (length > maxBytes) return 'too-large';
  return bytes.length < headBytes ? undefined : { opcode, fin, compressed, masked, headBytes, bytes: length };
}

function longLength(bytes: Uint8Array, extended: 2 | 8): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return extended === 2 ? view.getUint16(2) : Number(view.getBigUint64(2));
}

/** Ping, pong and close: they may come between the frames of a message. */
export function isControl(opcode: Opcode): boolean {
  return OPCODES[opcode] >= 0x8;
}

function applyMask(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => byte ^ (key[index & 3] ?? 0));
}

/** `mask`: four bytes, of a client's frame. */
export function encodeFrame(frame: WebSocketFrame, mask?: Uint8Array): Uint8Array {
  const { opcode, fin, compressed, bytes } = frame;
  const extended = bytes.length < 126 ? 0 : bytes.length < 65_536 ? 2 : 8;
  const headBytes = 2 + extended + (mask === undefined ? 0 : 4);
  const framed = new Uint8Array(headBytes + bytes.length);
  const view = new DataView(framed.buffer);
  framed[0] = (fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | OPCODES[opcode];
  framed[1] = (mask === undefined ? 0 : 0x80) | (extended === 0 ? bytes.length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, bytes.length);
  if (extended === 8) view.setBigUint64(2, BigInt(bytes.length));
  if (mask !== undefined) framed.set(mask, headBytes - 4);
  framed.set(mask === undefined ? bytes : applyMask(bytes, mask), headBytes);
  return framed;
}
