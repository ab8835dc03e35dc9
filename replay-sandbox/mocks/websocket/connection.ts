/** One WebSocket of a client: frames off the wire, recorded messages onto it. The upgrade is done before. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../src/domain/clock.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { endsSide } from '../../../src/wire/stream.ts';
import type { Deflate } from '../../../src/wire/websocket/deflate.ts';
import { WebSocketEncoder } from '../../../src/wire/websocket/encode.ts';
import type { MessageFault } from '../../../src/wire/websocket/messages.ts';
import { WebSocketReader } from '../../../src/wire/websocket/messages.ts';
import { written } from '../stream/written.ts';
import { Pongs } from './pongs.ts';

export interface ConnectionOptions {
  /** What is agreed with this client, whatever the recorded one had. */
  readonly deflate: Deflate | undefined;
  readonly clock: Clock;
  /** Breaks the connection off. */
  readonly reset: () => void;
  /** What the client said. */
  readonly came: (message: StreamMessage) => void;
  /** Nothing more is played. */
  readonly over: () => void;
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const CLOSE_CODES: Readonly<Partial<Record<MessageFault, number>>> = {
  'bad-text': 1007,
  'too-large': 1009,
  'too-many': 1009,
};
const PROTOCOL_ERROR = 1002;
/** What comes is compared and let go: one message at a time has a limit. */
const ENDLESS = { maxFrames: Number.POSITIVE_INFINITY, maxTotalBytes: Number.POSITIVE_INFINITY };

export class WebSocketConnection {
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  readonly #reader: WebSocketReader;
  readonly #encoder: WebSocketEncoder;
  readonly #pongs = new Pongs('server', (pong) => this.#write(pong));
  #isOpenEnded = false;
  #clientClosed = false;
  #serverClosed = false;

  constructor(socket: Duplex, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new WebSocketReader({ side: 'client', deflate: options.deflate?.client, ...ENDLESS });
    this.#encoder = new WebSocketEncoder({ deflate: options.deflate?.server });
  }

  /** `head`: what came with the upgrade. */
  start(head: Uint8Array): void {
    this.#socket.on('data', (bytes: Uint8Array) => this.#take(bytes));
    this.#socket.on('end', () => this.#left());
    this.#socket.on('close', () => this.#left());
    if (head.length > 0) this.#take(head);
  }

  /** What is played on it. Where the recording holds no end of the server's side, the client's close is answered with the same. */
  chosen(messages: readonly StreamMessage[]): void {
    this.#isOpenEnded = !messages.some((message) => message.side === 'server' && endsSide(message));
  }

  play(message: StreamMessage): void | Promise<void> {
    if (message.kind === 'reset') return this.#options.reset();
    if (message.kind === 'close') return this.close(message);
    return this.#write(message);
  }

  close(message: StreamMessage): void {
    if (this.#serverClosed) return;
    this.#serverClosed = true;
    // Nothing follows that would wait for it.
    this.#write(message)?.catch(() => undefined);
    // Who closed first waits for the other's close frame (section 7.1.1).
    if (this.#clientClosed) this.#socket.end();
  }

  #take(bytes: Uint8Array): void {
    for (const message of this.#reader.push(bytes, this.#options.clock.now())) this.#came(message);
    const { fault } = this.#reader;
    if (fault !== undefined && !this.#serverClosed) this.#refuse(fault);
  }

  #came(message: StreamMessage): void {
    // It is refused for it.
    if (message.kind === 'raw') return;
    if (message.kind === 'ping') this.#pongs.answer(message);
    if (message.kind === 'close') this.#clientClosed = true;
    this.#options.came(message);
    if (message.kind !== 'close') return;
    if (this.#isOpenEnded) this.close({ ...message, side: 'server' });
    if (this.#serverClosed) this.#socket.end();
  }

  /** Frames that are none, or what no server takes: the protocol has a code for it. */
  #refuse(fault: MessageFault): void {
    this.#options.over();
    this.#clientClosed = true;
    this.close(closing(CLOSE_CODES[fault] ?? PROTOCOL_ERROR, fault));
  }

  #left(): void {
    if (!this.#clientClosed) {
      const at = this.#options.clock.now();
      this.#clientClosed = true;
      this.#options.came({ side: 'client', at, kind: 'reset', bytes: new Uint8Array(0), summary: 'reset' });
    }
    this.#options.over();
    this.#socket.end();
  }

  #write(message: StreamMessage): void | Promise<void> {
    const bytes = this.#encoder.encode(message);
    if (bytes === undefined || this.#socket.writableEnded || this.#socket.destroyed) return;
    return written(this.#socket, bytes);
  }
}

export function closing(code: number, reason: string): StreamMessage {
  const bytes = Buffer.from(reason, 'utf8').subarray(0, 123);
  return { side: 'server', at: 0, kind: 'close', bytes, code, summary: `close ${String(code)}` };
}
