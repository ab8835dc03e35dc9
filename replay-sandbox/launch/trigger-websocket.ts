/** A recorded WebSocket of the service, opened again: what its client said is said again, when what the service had said before it has come. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { request } from '../node-http.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import { header, pathOf } from '../../src/domain/exchange.ts';
import type { StreamMessage } from '../../src/wire/stream.ts';
import { endsSide, isContent } from '../../src/wire/stream.ts';
import { agreedDeflate } from '../../src/wire/websocket/deflate.ts';
import { WebSocketEncoder } from '../../src/wire/websocket/encode.ts';
import { readWebSocket } from '../../src/wire/websocket/exchange.ts';
import { WebSocketReader } from '../../src/wire/websocket/messages.ts';
import type { Answer } from '../compare/answer.ts';
import { NO_ANSWER } from '../compare/answer.ts';
import { Playback } from '../mocks/stream/playback.ts';
import { processTimers } from '../mocks/stream/timers.ts';
import { written } from '../mocks/stream/written.ts';
import { Pongs } from '../mocks/websocket/pongs.ts';
import { headersFrom } from '../node-headers.ts';
import type { TriggerOptions } from './trigger.ts';

/** A service that says less than it did gets the next message all the same. */
const STALL_MS = 3000;
/** Of a recording without an end: what else the service may say behind the last of it. */
const LINGER_MS = 200;

/** The upgrade, then the frames of the service; an upgrade that is refused is answered as any request. */
export async function sendWebSocket(
  trigger: Exchange,
  headers: readonly string[],
  options: TriggerOptions,
): Promise<Answer> {
  const socket = await options.connect();
  return new Promise((resolve) => {
    const sent = request({
      createConnection: () => socket,
      method: 'GET',
      path: pathOf(trigger),
      headers: [...headers, 'connection', 'Upgrade', 'upgrade', 'websocket'],
      signal: options.signal,
    });
    sent.on('upgrade', (response, stream, head) => {
      const answered = headersFrom(response.rawHeaders);
      const done = (body: Uint8Array): void => resolve({ status: response.statusCode, headers: answered, body });
      const extensions = header(answered, 'sec-websocket-extensions');
      new Conversation(stream, { trigger, extensions, options, done }).start(head);
    });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({
          status: response.statusCode,
          headers: headersFrom(response.rawHeaders),
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', () => resolve(NO_ANSWER));
    sent.end();
    socket.resume();
  });
}

interface Conversing {
  readonly trigger: Exchange;
  readonly extensions: string | undefined;
  readonly options: TriggerOptions;
  /** With all bytes the service sent behind its answer. */
  readonly done: (body: Uint8Array) => void;
}

/** The client's side of one WebSocket, until either side ends it. */
class Conversation {
  readonly #stream: Duplex;
  readonly #options: Conversing;
  readonly #reader: WebSocketReader;
  readonly #encoder: WebSocketEncoder;
  readonly #pongs = new Pongs('client', (pong) => this.#write(pong));
  readonly #playback: Playback;
  readonly #left: (message: StreamMessage) => void;
  readonly #chunks: Uint8Array[] = [];
  #over = false;

  constructor(stream: Duplex, options: Conversing) {
    const deflate = agreedDeflate(options.extensions);
    const recorded = readWebSocket(options.trigger).messages;
    const messages = recorded.filter(({ side, kind }) => side !== 'client' || kind !== 'pong');
    this.#stream = stream;
    this.#options = options;
    this.#reader = new WebSocketReader({ side: 'server', deflate: deflate?.server });
    this.#encoder = new WebSocketEncoder({ deflate: deflate?.client, mask: () => randomBytes(4) });
    const { timers = processTimers } = options.options;
    this.#left = remaining(messages, () => void timers.after(LINGER_MS, () => this.#end()));
    this.#playback = this.#playbackOf(messages);
  }

  start(head: Uint8Array): void {
    this.#stream.on('data', (bytes: Uint8Array) => this.#came(bytes));
    this.#stream.on('error', () => undefined);
    this.#stream.on('end', () => this.#end());
    this.#stream.on('close', () => this.#end());
    this.#options.options.signal.addEventListener('abort', () => this.#end(), { once: true });
    this.#playback.start();
    if (head.length > 0) this.#came(head);
  }

  #playbackOf(messages: readonly StreamMessage[]): Playback {
    const { trigger, options } = this.#options;
    const { pace = 0, patient = false, clock, timers = processTimers } = options;
    return new Playback({
      messages,
      plays: 'client',
      source: 'loop',
      recordedAt: trigger.startedAt,
      pace,
      // What the service said is compared as a whole, when it is over.
      expectsMore: true,
      valueOf: () => undefined,
      ...(!patient && { stallMs: STALL_MS }),
      clock,
      timers,
      play: (message) => this.#play(message),
      done: () => undefined,
    });
  }

  #play(message: StreamMessage): void | Promise<void> {
    if (message.kind === 'reset') return this.#end();
    this.#left(message);
    return this.#write(message);
  }

  #came(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    for (const message of this.#reader.push(bytes, this.#options.options.clock.now())) {
      if (message.kind === 'ping') this.#pongs.answer(message);
      this.#playback.came(message);
      this.#left(message);
    }
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#playback.stop();
    this.#stream.destroy();
    this.#options.done(Buffer.concat(this.#chunks));
  }

  /** Settles when the service has taken it. */
  #write(message: StreamMessage): void | Promise<void> {
    const bytes = this.#encoder.encode(message);
    const stream = this.#stream;
    if (bytes === undefined || stream.destroyed || stream.writableEnded) return undefined;
    return written(stream, bytes);
  }
}

/** A recording without an end of the service's side is over when everything in it was said on both sides. */
function remaining(messages: readonly StreamMessage[], end: () => void): (message: StreamMessage) => void {
  if (messages.some((message) => message.side === 'server' && endsSide(message))) return () => undefined;
  const count = (side: StreamMessage['side']): number =>
    messages.filter((message) => message.side === side && isContent(message)).length;
  const left = { client: count('client'), server: count('server') };
  return (message) => {
    if (isContent(message)) left[message.side] -= 1;
    if (left.client <= 0 && left.server <= 0) end();
  };
}
