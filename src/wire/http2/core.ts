import type { Header } from '../../domain/exchange.ts';
import { NumberTable } from '../../domain/number-table.ts';
import { Floods } from './floods.ts';
import { ErrorCode } from './frame.ts';
import type { Http2Limits } from './limits.ts';
import { Output } from './output.ts';
import { Sender } from './sender.ts';
import type { Stream, StreamEvents } from './stream.ts';

/** Why the connection has to end: a code of RFC 9113 section 7, and what the peer did. */
export interface Http2Fault {
  readonly code: number;
  readonly what: string;
}

export interface Http2Events {
  /**
   * A request, valid by RFC 9113 section 8. `headers` is the same array when the same block came before. It may be answered within the call. `end`: nothing
   * follows, and `ended` is called next. Undefined: the stream is reset, as refused unless it was answered to its end.
   */
  opened(stream: number, headers: readonly Header[], end: boolean): StreamEvents | undefined;
}

/** Of a connection that has yet to open a stream: there may be thousands. */
const FEWEST_PLACES = 16;

/** Streams and how they end, for whoever reads frames and whoever writes them. */
export class Core {
  readonly events: Http2Events;
  readonly limits: Http2Limits;
  readonly output = new Output();
  readonly sender: Sender;
  readonly floods: Floods;
  readonly #streams = new NumberTable<Stream>(FEWEST_PLACES);
  /** The largest one that was opened, refused ones too. */
  lastStream = 0;
  /** Larger ones are refused: we are going away. */
  lastAccepted = Infinity;
  /** The peer's SETTINGS came. */
  isReady = false;
  /** Of streams up to this one the peer may still send what was under way when we reset one of them. */
  #lastReset = 0;
  #fault: Http2Fault | undefined;

  constructor(events: Http2Events, limits: Http2Limits, now: () => number) {
    this.events = events;
    this.limits = limits;
    this.floods = new Floods(now);
    this.sender = new Sender(this.output, (stream) => this.#endLocal(stream));
  }

  /** One that is open. */
  stream(id: number): Stream | undefined {
    const stream = this.#streams.get(id >>> 1);
    return stream?.id === id ? stream : undefined;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  streams(): Iterable<Stream> {
    return this.#streams;
  }

  add(stream: Stream): void {
    this.#streams.add(stream);
  }

  get fault(): Http2Fault | undefined {
    return this.#fault;
  }

  /** The connection ends: the peer is told, and every stream. */
  fail(code: number, what: string): void {
    if (this.#fault !== undefined) return;
    this.#fault = { code, what };
    this.output.goAway(this.lastStream, code);
    this.closeAll(code);
  }

  closeAll(code: number): void {
    const open = [...this.#streams];
    for (const stream of open) this.#remove(stream);
    for (const stream of open) stream.events?.closed('fault', code);
  }

  /** A frame on a stream that is not open: an error, or what was under way. */
  missing(id: number, what: string): void {
    if ((id & 1) === 0 || id > this.lastStream)
      this.fail(ErrorCode.protocolError, `${what} on stream ${id}, which is not open`);
    else if (id > this.#lastReset) this.fail(ErrorCode.streamClosed, `${what} on stream ${id}, which is closed`);
    else if (!this.floods.silent()) this.fail(ErrorCode.enhanceYourCalm, 'too much on streams that were reset');
  }

  isIdle(id: number): boolean {
    return (id & 1) === 0 || id > this.lastStream;
  }

  reset(stream: Stream, code: number): void {
    this.#remove(stream);
    this.refuse(stream.id, code);
  }

  /** Resets what was never opened. */
  refuse(id: number, code: number): void {
    this.#lastReset = Math.max(this.#lastReset, id);
    this.output.reset(id, code);
  }

  /** The peer broke a rule on this stream; the others go on. */
  faulted(stream: Stream, code: number): void {
    this.reset(stream, code);
    stream.events?.closed('fault', code);
  }

  resetByPeer(stream: Stream, code: number): void {
    this.#remove(stream);
    stream.events?.closed('reset', code);
  }

  endRemote(stream: Stream): void {
    if (stream.contentLength >= 0 && stream.received !== stream.contentLength) {
      this.faulted(stream, ErrorCode.protocolError);
      return;
    }
    stream.remoteEnded = true;
    if (stream.localEnded) this.#remove(stream);
    stream.events?.ended();
  }

  /** What neither leaves us nor is allowed to wait. */
  checkOutput(): void {
    const bytes = this.output.length + this.sender.waitingBytes;
    if (bytes > this.limits.outputBytes) this.fail(ErrorCode.enhanceYourCalm, `${bytes} bytes wait to be read`);
  }

  #endLocal(stream: Stream): void {
    stream.localEnded = true;
    if (stream.remoteEnded) this.#remove(stream);
  }

  #remove(stream: Stream): void {
    if (stream.isOver) return;
    stream.isOver = true;
    this.#streams.delete(stream);
    if (stream.waiting !== undefined) this.sender.forget(stream);
  }
}
