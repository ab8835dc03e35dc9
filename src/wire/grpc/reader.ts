/** One side of a gRPC call → stream messages, as its bytes come. Nothing throws: what cannot be read is said in the summary. */
import type { StreamMessage, StreamSide } from '../stream.ts';
import { sized } from '../stream.ts';
import { decodeGrpcFrame } from './encoding.ts';
import type { GrpcFrame } from './framing.ts';
import { encodeGrpcFrame, GrpcDeframer } from './framing.ts';

export interface GrpcReaderOptions {
  readonly side: StreamSide;
  /** Value of `grpc-encoding`. */
  readonly encoding: string | undefined;
  /** Of one message, compressed or not. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Of all messages together after decompression; beyond it they stay compressed. Default: no end, for a reader of what is not held. */
  readonly budget?: number;
}

const MAX_BYTES = 64 * 1024 * 1024;

export class GrpcReader {
  readonly #options: GrpcReaderOptions;
  readonly #deframer: GrpcDeframer;
  readonly #maxBytes: number;
  #left: number;
  #faulty = false;

  constructor(options: GrpcReaderOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#left = options.budget ?? Number.POSITIVE_INFINITY;
    this.#deframer = new GrpcDeframer(this.#maxBytes);
  }

  /** Messages that these bytes complete; behind a fault of the framing all bytes are `raw`. `at`: Unix ms. */
  push(bytes: Uint8Array, at: number): readonly StreamMessage[] {
    if (this.#faulty) return bytes.length === 0 ? [] : [this.#raw(bytes, at)];
    const messages = this.#deframer.push(bytes).map((frame) => this.#message(frame, at));
    if (this.#deframer.fault === undefined) return messages;
    this.#faulty = true;
    return [...messages, this.#raw(this.#deframer.rest(), at)];
  }

  /** The side is over: half a message, when it ended inside one. */
  end(at: number): readonly StreamMessage[] {
    const rest = this.#faulty ? new Uint8Array() : this.#deframer.rest();
    this.#deframer.end();
    return rest.length === 0 ? [] : [this.#raw(rest, at)];
  }

  #raw(bytes: Uint8Array, at: number): StreamMessage {
    const summary = `${sized('raw', bytes.length)} (${this.#deframer.fault ?? 'truncated'})`;
    return { side: this.#options.side, at, kind: 'raw', bytes, wire: bytes, summary };
  }

  #message(frame: GrpcFrame, at: number): StreamMessage {
    const { side, encoding } = this.#options;
    const decoded = decodeGrpcFrame(frame, encoding, Math.min(this.#maxBytes, this.#left));
    const readable = typeof decoded !== 'string';
    const bytes = readable ? decoded : frame.bytes;
    if (readable) this.#left -= bytes.length;
    const summary = `${sized('message', bytes.length)}${readable ? '' : ` (${decoded})`}`;
    return { side, at, kind: 'message', bytes, wire: encodeGrpcFrame(frame), summary };
  }
}
