/**
 * Messages inside the body of a gRPC request or answer: a byte that tells whether the message is compressed, its length in four bytes
 * (big endian), the message. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md ("Length-Prefixed-Message")
 */

/** One message as it was sent: still compressed when the flag says so. */
export interface GrpcFrame {
  readonly compressed: boolean;
  readonly bytes: Uint8Array;
}

/**
 * - `bad-flag`  a first byte that is neither 0 nor 1
 * - `too-large` a message announces more than the limit
 * - `truncated` the body ends inside a message
 */
export type FramingFault = 'bad-flag' | 'too-large' | 'truncated';

const PREFIX_BYTES = 5;

/** Fed with body bytes as they come. After a fault nothing more comes out of it. */
export class GrpcDeframer {
  readonly #maxBytes: number;
  readonly #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  fault: FramingFault | undefined = undefined;

  /** `maxBytes` of one message. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that these bytes complete. They are views where that is possible: do not write to what was pushed. */
  push(bytes: Uint8Array): readonly GrpcFrame[] {
    if (this.fault !== undefined || bytes.length === 0) return [];
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    const frames: GrpcFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  /** The body is over: sets the fault `truncated` when it ended inside a message. */
  end(): void {
    if (this.#pendingBytes > 0) this.fault ??= 'truncated';
  }

  /** Bytes that are no whole message, or follow a fault: a copy. */
  rest(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#pending));
  }

  #next(): GrpcFrame | undefined {
    if (this.fault !== undefined || this.#pendingBytes < PREFIX_BYTES) return undefined;
    const prefix = this.#gather(PREFIX_BYTES);
    const flag = prefix[0] ?? 0;
    const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getUint32(1);
    if (flag > 1) this.fault = 'bad-flag';
    else if (length > this.#maxBytes) this.fault = 'too-large';
    if (this.fault !== undefined || this.#pendingBytes < PREFIX_BYTES + length) return undefined;
    const whole = this.#gather(PREFIX_BYTES + length);
    this.#drop(PREFIX_BYTES + length);
    return { compressed: flag === 1, bytes: whole.subarray(PREFIX_BYTES, PREFIX_BYTES + length) };
  }

  /** At least so many pending bytes in one piece. Pieces are joined only when a message lies across them, so each byte is copied once or twice. */
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

/** One message with its prefix. */
export function encodeGrpcFrame({ compressed, bytes }: GrpcFrame): Uint8Array {
  const framed = new Uint8Array(PREFIX_BYTES + bytes.length);
  framed[0] = compressed ? 1 : 0;
  new DataView(framed.buffer).setUint32(1, bytes.length);
  framed.set(bytes, PREFIX_BYTES);
  return framed;
}
