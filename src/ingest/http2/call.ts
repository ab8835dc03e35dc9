import type { EndReason } from '../../domain/segment.ts';
import type { StreamEvents } from '../../wire/http2/connection.ts';
import type { CallCounters, IngestCounters } from '../counters.ts';
import { MAX_UNREAD_REPLIES } from '../limits.ts';
import type { CallReceiver } from '../transport.ts';
import { OK_HEAD, TRAILERS, TRAILERS_ONLY } from './heads.ts';
import type { MessageListener, MessageRefusal } from './message-reader.ts';
import { MessageReader, PREFIX_BYTES } from './message-reader.ts';
import type { UnfinishedMessages } from './unfinished.ts';

/** The connection, as a call of it needs it. */
export interface CallHost {
  /** When the chunk came that is being read. */
  readonly now: number;
  readonly peer: Answering;
  /** `settle` is called when the chunk has been read to its end. */
  later(settling: Settling): void;
  /** The peer waits for answers. */
  awaited(): void;
  /** The call is over, whatever the way. */
  left(call: Http2Call): void;
}

/** What Http2Connection takes for a stream. */
export interface Answering {
  respond(stream: number, block: Uint8Array, end: boolean): void;
  send(stream: number, bytes: Uint8Array, end: boolean): void;
  reset(stream: number, code: number): void;
  /** How many `send`s of a stream the peer has left no window for. */
  waiting(stream: number): number;
}

export interface Settling {
  settle(): void;
}

export interface CallBooks {
  /** Of calls of its kind. */
  readonly counters: CallCounters;
  readonly refused: IngestCounters['refused'];
  readonly messageBytes: number;
  readonly unfinished: UnfinishedMessages;
}

/** https://www.rfc-editor.org/rfc/rfc9113#section-7 */
const NO_ERROR = 0;
const ENHANCE_YOUR_CALM = 11;

/** One call between the connection and its receiver. Ends exactly once, and never with an exception of its own. */
export class Http2Call implements StreamEvents, MessageListener, Settling {
  /** Neighbours in the list of the connection's calls. */
  previous: Http2Call | undefined = undefined;
  next: Http2Call | undefined = undefined;
  readonly #host: CallHost;
  readonly #stream: number;
  readonly #receiver: CallReceiver;
  readonly #books: CallBooks;
  readonly #reader: MessageReader;
  #lastMessageAt = -Infinity;
  #answered = false;
  /** Nothing goes to the receiver any more. */
  #over = false;
  /** Nothing may be sent any more. */
  #closed = false;

  constructor(host: CallHost, stream: number, receiver: CallReceiver, books: CallBooks) {
    this.#host = host;
    this.#stream = stream;
    this.#receiver = receiver;
    this.#books = books;
    this.#reader = new MessageReader(this, books.messageBytes, books.unfinished);
    this.#lastMessageAt = host.now;
    books.counters.callsOpened += 1;
  }

  data(chunk: Uint8Array, start: number, end: number): void {
    this.#reader.read(chunk, start, end);
  }

  /** Envoy's ordinary end: END_STREAM, with RST_STREAM right behind it, so that an answer now would mostly be for nobody. */
  ended(): void {
    this.#finish('closed');
    if (!this.#closed) this.#host.later(this);
  }

  settle(): void {
    this.#answer('ok');
  }

  closed(): void {
    this.#closed = true;
    this.#finish('cancelled');
  }

  message(bytes: Uint8Array): void {
    this.#lastMessageAt = this.#host.now;
    this.#books.counters.messages += 1;
    this.#books.counters.bytes += bytes.length;
    const reply = this.#receiver.message(bytes);
    if (reply !== undefined) this.#reply(reply);
  }

  refused(why: MessageRefusal): void {
    this.#books.refused[why] += 1;
    this.#finish('error');
    if (why !== 'unfinished') this.#answer(why === 'oversized' ? 'resourceExhausted' : 'unimplemented');
    this.#reset(why === 'unfinished' ? ENHANCE_YOUR_CALM : NO_ERROR);
  }

  mayIdle(): boolean {
    return this.#receiver.mayIdle();
  }

  /**
   * Ends it from here. Always with OK: to any other status Envoy answers its client with an error, unless its configuration says
   * failure_mode_allow, and then it counts a failure.
   */
  end(reason: EndReason): void {
    this.#finish(reason);
    if (this.#closed) return;
    this.#answer('ok');
    // Else its half stays open for good: https://www.rfc-editor.org/rfc/rfc9113#section-8.1. Not before what it was told has left.
    if (this.#host.peer.waiting(this.#stream) === 0) this.#host.peer.reset(this.#stream, NO_ERROR);
  }

  /** Ends the call if it has been silent for `idleMs` and its receiver does not want it to live on. */
  sweep(now: number, idleMs: number): void {
    if (now - this.#lastMessageAt < idleMs) return;
    if (this.#receiver.mayIdle()) this.#lastMessageAt = now;
    else this.end('idle');
  }

  #reply(reply: Uint8Array): void {
    if (this.#closed) return;
    const { peer } = this.#host;
    this.#host.awaited();
    if (!this.#answered) peer.respond(this.#stream, OK_HEAD, false);
    this.#answered = true;
    peer.send(this.#stream, framed(reply), false);
    if (peer.waiting(this.#stream) <= MAX_UNREAD_REPLIES) return;
    this.#books.refused.unread += 1;
    this.#finish('error');
    this.#reset(ENHANCE_YOUR_CALM);
  }

  #answer(status: keyof typeof TRAILERS): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.peer.respond(this.#stream, (this.#answered ? TRAILERS : TRAILERS_ONLY)[status], true);
  }

  #reset(code: number): void {
    this.#closed = true;
    this.#host.peer.reset(this.#stream, code);
  }

  #finish(reason: EndReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#reader.stop();
    this.#books.counters.callsEnded[reason] += 1;
    this.#host.left(this);
    // Calls also end where nobody would catch it: with a socket, by a timer, or because another connection needs their memory.
    try {
      this.#receiver.ended(reason);
    } catch {
      this.#books.refused.internal += 1;
    }
  }
}

/** Receivers answer with the same few bytes again and again. */
const FRAMED = new WeakMap<Uint8Array, Uint8Array>();

export function framed(message: Uint8Array): Uint8Array {
  const known = FRAMED.get(message);
  if (known !== undefined) return known;
  const made = Buffer.alloc(PREFIX_BYTES + message.length);
  made.writeUInt32BE(message.length, 1);
  made.set(message, PREFIX_BYTES);
  FRAMED.set(message, made);
  return made;
}
