import { Control, LEAVE_PING } from './control.ts';
import { Core, type Http2Events, type Http2Fault } from './core.ts';
import { DEFAULT_WINDOW, ErrorCode, Frame, LARGEST_STREAM, Setting } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import { Headers } from './headers.ts';
import { Incoming } from './incoming.ts';
import type { Http2Limits } from './limits.ts';

export type { Http2Events, Http2Fault } from './core.ts';
export type { StreamEvents } from './stream.ts';

/**
 * The server side of one HTTP/2 connection, without its socket: bytes go in, calls and bytes come out. RFC 9113 without push and priorities.
 * It reads as fast as it is given, and gives windows at once. What comes of each chunk is to be written as one buffer (`takeOutput`) once the
 * socket has taken what was written before: what waits here is bounded, what waits in the socket is not.
 */
export class Http2Connection {
  readonly #core: Core;
  readonly #reader: FrameReader;
  #leaving: 'no' | 'told' | 'left' = 'no';

  /** `now`: milliseconds of a clock that goes on; asked rarely. */
  constructor(events: Http2Events, limits: Http2Limits, now: () => number) {
    this.#core = new Core(events, limits, now);
    const control = new Control(this.#core, () => this.#leave());
    this.#reader = new FrameReader(new Incoming(this.#core, new Headers(this.#core), control), limits.frameBytes);
    this.#greet(limits);
  }

  /** Any cut of what the socket gave; only valid during the call. Never throws, unless an event does. */
  receive(chunk: Uint8Array): void {
    if (this.#core.fault !== undefined) return;
    this.#reader.read(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#checkOutput();
  }

  /** HEADERS: `block` is HPACK that neither reads nor changes the dynamic table. Nothing happens when the stream is not open, or ended. */
  respond(stream: number, block: Uint8Array, end: boolean): void {
    const open = this.#core.stream(stream);
    if (open === undefined || open.endsLocal) return;
    open.endsLocal = end;
    this.#core.sender.block(open, block, end);
    this.#checkOutput();
  }

  /** DATA as the peer's windows allow; the rest waits, uncopied, and must not be changed. Nothing happens when the stream is not open, or ended. */
  send(stream: number, bytes: Uint8Array, end: boolean): void {
    const open = this.#core.stream(stream);
    if (open === undefined || open.endsLocal) return;
    open.endsLocal = end;
    this.#core.sender.data(open, bytes, end);
    this.#checkOutput();
  }

  /** How many answers of the stream wait for windows of the peer, in part or whole. */
  waiting(stream: number): number {
    return this.#core.stream(stream)?.waiting?.length ?? 0;
  }

  /** The stream hears nothing more, and its events neither. */
  reset(stream: number, code: number): void {
    const open = this.#core.stream(stream);
    if (open !== undefined) this.#core.reset(open, code);
  }

  /**
   * With NO_ERROR the peer is first told to open no more streams, while those under way are still taken; when it has read that, or when this is asked
   * again, it is told the last one that was. Any other code ends the connection, and is its fault.
   */
  goAway(code: number): void {
    if (this.#core.fault !== undefined) return;
    if (code !== ErrorCode.noError) this.#core.fail(code, 'ended here');
    else if (this.#leaving === 'no') {
      this.#leaving = 'told';
      this.#core.output.goAway(LARGEST_STREAM, code);
      this.#core.output.frame(Frame.ping, 0, 0, LEAVE_PING, 0, LEAVE_PING.length);
    } else this.#leave();
  }

  /** The socket is gone: what is open hears `closed`. */
  lost(): void {
    this.#reader.stop();
    this.#core.closeAll(ErrorCode.cancel);
  }

  /** All bytes to write now, in one buffer that is the taker's. */
  takeOutput(): Uint8Array | undefined {
    return this.#core.output.take();
  }

  /** Once it is there nothing is read any more: write what is left, and close the socket. */
  get fault(): Http2Fault | undefined {
    return this.#core.fault;
  }

  /** The preface and the peer's SETTINGS were read. */
  get isReady(): boolean {
    return this.#core.isReady;
  }

  get openStreams(): number {
    return this.#core.openStreams;
  }

  #greet(limits: Http2Limits): void {
    const { output } = this.#core;
    output.settings([
      [Setting.maxConcurrentStreams, limits.openStreams],
      [Setting.initialWindowSize, limits.streamWindow],
      [Setting.maxFrameSize, limits.frameBytes],
      [Setting.maxHeaderListSize, limits.headerListBytes],
    ]);
    if (limits.connectionWindow > DEFAULT_WINDOW) output.windowUpdate(0, limits.connectionWindow - DEFAULT_WINDOW);
  }

  #leave(): void {
    if (this.#leaving !== 'told') return;
    this.#leaving = 'left';
    this.#core.lastAccepted = this.#core.lastStream;
    this.#core.output.goAway(this.#core.lastStream, ErrorCode.noError);
  }

  #checkOutput(): void {
    this.#core.checkOutput();
    if (this.#core.fault !== undefined) this.#reader.stop();
  }
}
