import type { Core } from './core.ts';
import { ErrorCode, Flag } from './frame.ts';
import { HeaderBlocks } from './header-blocks.ts';
import type { HeaderList } from './header-list.ts';
import { Stream } from './stream.ts';

/** Of one header block, whatever its list comes to. */
const MOST_FRAMES = 64;

const NOTHING: Buffer = Buffer.alloc(0);

/** HEADERS and CONTINUATION: opens streams, and ends them by trailers. */
export class Headers {
  readonly #core: Core;
  readonly #blocks: HeaderBlocks;
  readonly #blockBytes: number;
  /** Of a block that goes on: its stream, 0 when there is none. */
  #stream = 0;
  #endsStream = false;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(core: Core) {
    this.#core = core;
    this.#blocks = new HeaderBlocks(core.limits.headerListBytes);
    this.#blockBytes = core.limits.headerListBytes + core.limits.frameBytes;
  }

  /** Between the frames of a block there is nothing else. */
  get goOn(): boolean {
    return this.#stream !== 0;
  }

  headers(flags: number, stream: number, payload: Buffer, start: number, end: number): void {
    // Before anything is held: on stream 0 a block that goes on looks like none.
    if ((stream & 1) === 0) return this.#core.fail(ErrorCode.protocolError, `HEADERS on stream ${stream}`);
    const padding = (flags & Flag.padded) === 0 ? 0 : (payload[start] ?? 0);
    const front = ((flags & Flag.padded) === 0 ? 0 : 1) + ((flags & Flag.priority) === 0 ? 0 : 5);
    if (front > end - start) return this.#core.fail(ErrorCode.frameSizeError, `HEADERS of ${end - start} bytes`);
    if (front + padding > end - start)
      return this.#core.fail(ErrorCode.protocolError, `${padding} bytes of padding in HEADERS of ${end - start}`);
    const endsStream = (flags & Flag.endStream) !== 0;
    if ((flags & Flag.endHeaders) !== 0) return this.#read(stream, endsStream, payload, start + front, end - padding);
    this.#stream = stream;
    this.#endsStream = endsStream;
    this.#hold(payload, start + front, end - padding);
  }

  continuation(flags: number, stream: number, payload: Buffer, start: number, end: number): void {
    if (stream !== this.#stream || stream === 0)
      return this.#core.fail(ErrorCode.protocolError, `CONTINUATION of stream ${stream} without HEADERS before`);
    this.#hold(payload, start, end);
    if (this.#bytes > this.#blockBytes || this.#parts.length > MOST_FRAMES)
      return this.#core.fail(
        ErrorCode.enhanceYourCalm,
        `a header block of ${this.#bytes} bytes in ${this.#parts.length} frames`,
      );
    if ((flags & Flag.endHeaders) === 0) return;
    const block = Buffer.concat(this.#parts);
    this.#stream = 0;
    this.#parts = [];
    this.#bytes = 0;
    this.#read(stream, this.#endsStream, block, 0, block.length);
  }

  /** Of a block that is cut short there is nothing to give back. */
  #hold(payload: Buffer, start: number, end: number): void {
    this.#parts.push(start === end ? NOTHING : Buffer.from(payload.subarray(start, end)));
    this.#bytes += end - start;
  }

  #read(id: number, endsStream: boolean, payload: Buffer, start: number, end: number): void {
    const core = this.#core;
    const list = this.#blocks.read(payload, start, end);
    if (list === 'broken')
      return core.fail(ErrorCode.compressionError, `the header block of stream ${id} cannot be read`);
    const stream = core.stream(id);
    if (stream !== undefined) return this.#trailers(stream, list, endsStream);
    if (core.isIdle(id) && (id & 1) === 1) this.#open(id, list, endsStream);
    else core.missing(id, 'HEADERS');
  }

  #trailers(stream: Stream, list: HeaderList | 'too-large', endsStream: boolean): void {
    if (stream.remoteEnded) this.#core.faulted(stream, ErrorCode.streamClosed);
    else if (list === 'too-large') this.#core.faulted(stream, ErrorCode.enhanceYourCalm);
    else if (!endsStream || !list.isTrailers) this.#core.faulted(stream, ErrorCode.protocolError);
    else this.#core.endRemote(stream);
  }

  #open(id: number, list: HeaderList | 'too-large', endsStream: boolean): void {
    const core = this.#core;
    core.lastStream = id;
    if (list === 'too-large') return this.#refuse(id, ErrorCode.enhanceYourCalm);
    if (!list.isRequest) return this.#refuse(id, ErrorCode.protocolError);
    if (core.openStreams >= core.limits.openStreams || id > core.lastAccepted)
      return this.#refuse(id, ErrorCode.refusedStream);
    core.floods.opened();
    const stream = new Stream(id, list.contentLength);
    core.add(stream);
    stream.events = core.events.opened(id, list.headers, endsStream);
    if (stream.isOver) return;
    if (stream.events === undefined)
      core.reset(stream, stream.localEnded ? ErrorCode.noError : ErrorCode.refusedStream);
    else if (endsStream) core.endRemote(stream);
  }

  #refuse(id: number, code: number): void {
    this.#core.refuse(id, code);
    if (!this.#core.floods.answered()) this.#core.fail(ErrorCode.enhanceYourCalm, 'too many streams that were refused');
  }
}
