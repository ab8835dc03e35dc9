/** Messages → frames of one side, for the connection at hand: its compression, its masks, the recorded fragments. */
import type { StreamMessage } from '../stream.ts';
import { writeClose } from './close.ts';
import type { DeflateSide } from './deflate.ts';
import { MessageDeflater } from './deflate.ts';
import type { Opcode, WebSocketFrame } from './framing.ts';
import { encodeFrame, isControl, WebSocketDeframer } from './framing.ts';

export interface EncoderOptions {
  /** Of what this side sends, where it was agreed. */
  readonly deflate?: DeflateSide | undefined;
  /** Four bytes for each frame of a client. */
  readonly mask?: () => Uint8Array;
}

export class WebSocketEncoder {
  readonly #options: EncoderOptions;
  readonly #deflater: MessageDeflater | undefined;

  constructor(options: EncoderOptions) {
    this.#options = options;
    this.#deflater = options.deflate && new MessageDeflater(options.deflate);
  }

  /** Undefined for what has no frame: marks, and kinds of other protocols. Bytes that are no message go out as they are. */
  encode(message: StreamMessage): Uint8Array | undefined {
    switch (message.kind) {
      case 'ping':
      case 'pong':
        return this.#frame({ opcode: message.kind, fin: true, compressed: false, bytes: message.bytes });
      case 'close':
        return this.#frame({ opcode: 'close', fin: true, compressed: false, bytes: closeBytes(message) });
      case 'text':
      case 'binary':
        return this.#message(message.kind, message);
      case 'raw':
        return message.bytes;
      case 'message':
      case 'event':
      case 'comment':
      case 'data':
      case 'head':
      case 'half-close':
      case 'trailers':
      case 'reset':
        return undefined;
    }
  }

  #message(opcode: Opcode, { bytes, wire }: StreamMessage): Uint8Array {
    const compressed = this.#deflater !== undefined;
    const payload = this.#deflater?.deflate(bytes) ?? bytes;
    const pieces = cut(payload, fragmentsOf(wire));
    const frames = pieces.map((piece, index) =>
      this.#frame({
        opcode: index === 0 ? opcode : 'continuation',
        fin: index === pieces.length - 1,
        compressed: compressed && index === 0,
        bytes: piece,
      }),
    );
    return frames.length === 1 ? (frames[0] ?? payload) : new Uint8Array(Buffer.concat(frames));
  }

  #frame(frame: WebSocketFrame): Uint8Array {
    return encodeFrame(frame, this.#options.mask?.());
  }
}

function closeBytes({ code, bytes }: StreamMessage): Uint8Array {
  return writeClose({ ...(code !== undefined && { code }), reason: Buffer.from(bytes).toString('utf8') });
}

/** Payload sizes of the recorded fragments. */
function fragmentsOf(wire: Uint8Array | undefined): readonly number[] {
  if (wire === undefined || ((wire[0] ?? 0) & 0x80) !== 0) return [];
  const frames = new WebSocketDeframer(wire.length).push(wire);
  return frames.filter(({ opcode }) => !isControl(opcode)).map(({ bytes }) => bytes.length);
}

/** In as many pieces as it was recorded in; of the same sizes when it is as long as it was, else of sizes in proportion. */
function cut(payload: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  if (sizes.length < 2) return [payload];
  const recorded = sizes.reduce((sum, size) => sum + size, 0);
  let end = 0;
  const ends = sizes.map((size) => (end += size));
  const scaled = ends.map((at) => (recorded === 0 ? payload.length : Math.round((at / recorded) * payload.length)));
  return scaled.map((at, index) => payload.subarray(index === 0 ? 0 : scaled[index - 1], at));
}
