import type { Control } from './control.ts';
import type { Core } from './core.ts';
import { DEFAULT_WINDOW, ErrorCode, Flag, Frame } from './frame.ts';
import type { FrameListener } from './frame-reader.ts';
import type { Headers } from './headers.ts';
import type { Stream } from './stream.ts';

/** Gives each frame to what knows it, and DATA to its stream. */
export class Incoming implements FrameListener {
  readonly #core: Core;
  readonly #headers: Headers;
  readonly #control: Control;
  readonly #connectionWindow: number;
  readonly #streamWindow: number;
  /** Bytes of DATA since the connection's last WINDOW_UPDATE. */
  #unacknowledged = 0;
  /** Of the DATA that is being read; undefined: it is nobody's. */
  #stream: Stream | undefined;

  constructor(core: Core, headers: Headers, control: Control) {
    this.#core = core;
    this.#headers = headers;
    this.#control = control;
    this.#connectionWindow = Math.max(DEFAULT_WINDOW, core.limits.connectionWindow);
    this.#streamWindow = Math.max(DEFAULT_WINDOW, core.limits.streamWindow);
  }

  dataBegins(id: number, length: number, flags: number): void {
    const core = this.#core;
    this.#stream = undefined;
    if (!this.#isInOrder(Frame.data)) return;
    this.#unacknowledged += length;
    if (this.#unacknowledged > this.#connectionWindow)
      return core.fail(ErrorCode.flowControlError, 'more DATA than the window of the connection');
    core.floods.bytes(length);
    const stream = core.stream(id);
    if (stream === undefined) return core.missing(id, 'DATA');
    if (stream.remoteEnded) return core.faulted(stream, ErrorCode.streamClosed);
    stream.unacknowledged += length;
    if (stream.unacknowledged > this.#streamWindow) return core.faulted(stream, ErrorCode.flowControlError);
    if (length === 0 && (flags & Flag.endStream) === 0) this.unknown();
    this.#stream = stream;
  }

  data(chunk: Buffer, start: number, end: number): void {
    const stream = this.#stream;
    if (stream === undefined || stream.isOver) return;
    stream.received += end - start;
    const excess = stream.contentLength < 0 ? 0 : stream.received - stream.contentLength;
    if (excess <= 0) return stream.events?.data(chunk, start, end);
    // What was promised is heard however the bytes are cut.
    if (end - excess > start) stream.events?.data(chunk, start, end - excess);
    if (!stream.isOver) this.#core.faulted(stream, ErrorCode.protocolError);
  }

  dataEnds(flags: number): void {
    const core = this.#core;
    if (core.fault !== undefined) return;
    if (this.#unacknowledged >= this.#connectionWindow >>> 1) {
      core.output.windowUpdate(0, this.#unacknowledged);
      this.#unacknowledged = 0;
    }
    const stream = this.#stream;
    if (stream === undefined || stream.isOver) return;
    this.#stream = undefined;
    if ((flags & Flag.endStream) !== 0) core.endRemote(stream);
    else if (stream.unacknowledged >= this.#streamWindow >>> 1) {
      core.output.windowUpdate(stream.id, stream.unacknowledged);
      stream.unacknowledged = 0;
    }
  }

  frame(type: number, flags: number, stream: number, payload: Buffer, start: number, end: number): void {
    if (!this.#isInOrder(type, flags)) return;
    switch (type) {
      case Frame.headers:
        return this.#headers.headers(flags, stream, payload, start, end);
      case Frame.continuation:
        return this.#headers.continuation(flags, stream, payload, start, end);
      case Frame.resetStream:
        return this.#control.resetStream(stream, payload, start, end);
      case Frame.windowUpdate:
        return this.#control.windowUpdate(stream, payload, start, end);
      case Frame.settings:
        return this.#control.settings(flags, stream, payload, start, end);
      case Frame.ping:
        return this.#control.ping(flags, stream, payload, start, end);
      case Frame.goAway:
        return this.#control.goAway(stream, end - start);
      case Frame.priority:
        return this.#control.priority(stream, end - start);
      default:
        return this.#core.fail(ErrorCode.protocolError, 'PUSH_PROMISE from a client');
    }
  }

  unknown(): void {
    if (!this.#isInOrder(UNKNOWN)) return;
    if (!this.#core.floods.silent()) this.#core.fail(ErrorCode.enhanceYourCalm, 'too many frames that say nothing');
  }

  failed(code: number, what: string): void {
    this.#core.fail(code, what);
  }

  /** SETTINGS come first, and between HEADERS and its CONTINUATION comes nothing. */
  #isInOrder(type: number, flags = 0): boolean {
    const core = this.#core;
    if (core.fault !== undefined) return false;
    if (!core.isReady && (type !== Frame.settings || (flags & Flag.ack) !== 0))
      core.fail(ErrorCode.protocolError, `a frame of type ${type} before SETTINGS`);
    else if (this.#headers.goOn && type !== Frame.continuation)
      core.fail(ErrorCode.protocolError, `a frame of type ${type} within a header block`);
    return core.fault === undefined;
  }
}

const UNKNOWN = 0xff;
