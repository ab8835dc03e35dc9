/** Frames of one side → its messages: joined, unpacked, checked. https://www.rfc-editor.org/rfc/rfc6455#section-5.4 */
import type { StreamKind, StreamMessage, StreamSide } from '../stream.ts';
import { sized } from '../stream.ts';
import { readClose, readText } from './close.ts';
import type { DeflateFault, DeflateSide } from './deflate.ts';
import { MessageInflater } from './deflate.ts';
import type { FramingFault, ReadFrame } from './framing.ts';
import { WebSocketDeframer } from './framing.ts';

/**
 * - `bad-continuation` a continuation of nothing, or a new message in the middle of one
 * - `bad-text`, `bad-close`  no UTF-8, or no code that may be sent
 * - `too-many`         more frames than the limit
 */
export type MessageFault = FramingFault | DeflateFault | 'bad-continuation' | 'bad-text' | 'bad-close' | 'too-many';

export interface WebSocketSide {
  readonly side: StreamSide;
  /** Of what this side sends, where it was agreed. */
  readonly deflate?: DeflateSide | undefined;
  /** Of one message, and of all that is unpacked. Bytes. */
  readonly maxBytes?: number;
  readonly maxTotalBytes?: number;
  /** Frames. For a reader of what is not held there need be no end. */
  readonly maxFrames?: number;
}

/** Of one side: 64 MiB a message; what a recording holds of a body is less, but it may be packed. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
const MAX_FRAMES = 50_000;

/** Fed with bytes as they come. After a fault all that is left is `raw`; behind a close frame nothing more comes out of it. */
export class WebSocketReader {
  readonly #side: StreamSide;
  readonly #maxBytes: number;
  readonly #maxFrames: number;
  readonly #deframer: WebSocketDeframer;
  readonly #inflater: MessageInflater | undefined;
  /** Frames of the message that is not whole yet. */
  #begun: ReadFrame[] = [];
  #begunBytes = 0;
  #left: number;
  #frames = 0;
  #closed = false;
  fault: MessageFault | undefined = undefined;

  constructor(options: WebSocketSide) {
    const { side, deflate, maxBytes = MAX_BYTES } = options;
    this.#side = side;
    this.#maxBytes = maxBytes;
    this.#maxFrames = options.maxFrames ?? MAX_FRAMES;
    this.#left = options.maxTotalBytes ?? MAX_TOTAL_BYTES;
    this.#deframer = new WebSocketDeframer(maxBytes);
    this.#inflater = deflate && new MessageInflater(deflate);
  }

  /** The messages that these bytes complete. `at`: Unix ms. */
  push(bytes: Uint8Array, at: number): readonly StreamMessage[] {
    if (this.#closed || bytes.length === 0) return [];
    if (this.fault !== undefined) return [this.#raw(bytes, at)];
    const messages: StreamMessage[] = [];
    const frames = this.#deframer.push(bytes);
    for (const [index, frame] of frames.entries()) {
      const message = this.#take(frame, at);
      if (message !== undefined) messages.push(message);
      if (this.#closed) return messages;
      if (this.fault !== undefined) return [...messages, this.#raw(this.#unread(frames.slice(index + 1)), at)];
    }
    this.fault = this.#deframer.fault;
    return this.fault === undefined ? messages : [...messages, this.#raw(this.#unread([]), at)];
  }

  /** Nothing more comes: sets the fault `truncated` when that is inside a message. Its bytes, in one piece. */
  end(): Uint8Array {
    if (this.fault !== undefined) return new Uint8Array(0);
    const rest = this.#unread([]);
    if (rest.length > 0 && !this.#closed) this.fault = 'truncated';
    return rest;
  }

  /** What became no message: frames of one that is not whole, those behind it, and bytes that are no frame. */
  #unread(frames: readonly ReadFrame[]): Uint8Array {
    return Buffer.concat([...[...this.#begun, ...frames].map(({ wire }) => wire), this.#deframer.rest()]);
  }

  #raw(bytes: Uint8Array, at: number): StreamMessage {
    const summary = `${sized('raw', bytes.length)} (${this.fault ?? 'truncated'})`;
    return { side: this.#side, at, kind: 'raw', bytes, wire: bytes, summary };
  }

  #take(frame: ReadFrame, at: number): StreamMessage | undefined {
    const { opcode, fin } = frame;
    this.#frames += 1;
    if (this.#frames > this.#maxFrames) return this.#fail('too-many', frame);
    if (opcode === 'ping' || opcode === 'pong') return this.#message(opcode, frame.bytes, frame.wire, at);
    if (opcode === 'close') return this.#close(frame, at);
    if ((opcode === 'continuation') !== this.#begun.length > 0) return this.#fail('bad-continuation', frame);
    this.#begun.push(frame);
    this.#begunBytes += frame.bytes.length;
    if (this.#begunBytes > this.#maxBytes) return this.#fail('too-large');
    return fin ? this.#join(at) : undefined;
  }

  #join(at: number): StreamMessage | undefined {
    const [first] = this.#begun;
    const kind = first?.opcode === 'binary' ? 'binary' : 'text';
    const plain = this.#plain(joined(this.#begun.map(({ bytes }) => bytes)), first?.compressed === true);
    if (typeof plain === 'string') return this.#fail(plain);
    this.#left -= plain.length;
    if (kind === 'text' && readText(plain) === undefined) return this.#fail('bad-text');
    const wire = joined(this.#begun.map((frame) => frame.wire));
    this.#begun = [];
    this.#begunBytes = 0;
    return this.#message(kind, plain, wire, at);
  }

  #plain(bytes: Uint8Array, compressed: boolean): Uint8Array | MessageFault {
    const most = Math.min(this.#maxBytes, this.#left);
    if (!compressed) return bytes.length > most ? 'too-large' : bytes;
    return this.#inflater === undefined ? 'bad-reserved' : this.#inflater.inflate(bytes, Math.max(1, most));
  }

  #close(frame: ReadFrame, at: number): StreamMessage | undefined {
    const said = readClose(frame.bytes);
    if (said === undefined) return this.#fail('bad-close', frame);
    this.#closed = true;
    const { code, reason } = said;
    return {
      side: this.#side,
      at,
      kind: 'close',
      bytes: Buffer.from(reason, 'utf8'),
      wire: frame.wire,
      ...(code !== undefined && { code }),
      summary: code === undefined ? 'close' : `close ${String(code)}`,
    };
  }

  #message(kind: StreamKind, bytes: Uint8Array, wire: Uint8Array, at: number): StreamMessage {
    return { side: this.#side, at, kind, bytes, wire, summary: sized(kind, bytes.length) };
  }

  #fail(fault: MessageFault, last?: ReadFrame): undefined {
    this.fault = fault;
    if (last !== undefined) this.#begun.push(last);
    return undefined;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only = new Uint8Array(0)] = pieces;
  return pieces.length === 1 ? only : new Uint8Array(Buffer.concat(pieces));
}
