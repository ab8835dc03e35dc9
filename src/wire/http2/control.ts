import type { Core } from './core.ts';
import { ErrorCode, Flag, Frame, LARGEST_MAX_FRAME, LARGEST_WINDOW, Setting, SMALLEST_MAX_FRAME } from './frame.ts';

/** What our own PING holds, which asks whether the peer has read our GOAWAY. */
export const LEAVE_PING = Buffer.from('loop-off', 'latin1');

const STREAMS_PER_TOKEN = 1000;

/** Frames about the connection, and those about a stream that carry nothing. */
export class Control {
  readonly #core: Core;
  /** The peer has read that we go away. */
  readonly #leave: () => void;

  constructor(core: Core, leave: () => void) {
    this.#core = core;
    this.#leave = leave;
  }

  settings(flags: number, stream: number, payload: Buffer, start: number, end: number): void {
    const core = this.#core;
    const length = end - start;
    if (stream !== 0) return core.fail(ErrorCode.protocolError, `SETTINGS on stream ${stream}`);
    const isAck = (flags & Flag.ack) !== 0;
    if (isAck ? length !== 0 : length % 6 !== 0)
      return core.fail(ErrorCode.frameSizeError, `SETTINGS of ${length} bytes`);
    if (isAck) return this.#silent();
    core.isReady = true;
    for (let at = start; at < end && core.fault === undefined; at += 6)
      this.#setting(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    if (core.fault !== undefined) return;
    core.output.settingsAck();
    // After it, so that the peer knows by which settings.
    core.sender.flush(core.streams());
    // Windows that change are looked at for each stream.
    this.#answered('SETTINGS', 1 + core.openStreams / STREAMS_PER_TOKEN);
  }

  #setting(id: number, value: number): void {
    const core = this.#core;
    if (id === Setting.enablePush && value > 1) core.fail(ErrorCode.protocolError, `SETTINGS_ENABLE_PUSH ${value}`);
    if (id === Setting.initialWindowSize) {
      if (value > LARGEST_WINDOW || !core.sender.setInitial(value, core.streams()))
        core.fail(ErrorCode.flowControlError, `SETTINGS_INITIAL_WINDOW_SIZE ${value}`);
    }
    if (id === Setting.maxFrameSize) {
      if (value < SMALLEST_MAX_FRAME || value > LARGEST_MAX_FRAME)
        core.fail(ErrorCode.protocolError, `SETTINGS_MAX_FRAME_SIZE ${value}`);
      else core.sender.frameBytes = value;
    }
  }

  ping(flags: number, stream: number, payload: Buffer, start: number, end: number): void {
    const core = this.#core;
    if (stream !== 0) return core.fail(ErrorCode.protocolError, `PING on stream ${stream}`);
    if (end - start !== 8) return core.fail(ErrorCode.frameSizeError, `PING of ${end - start} bytes`);
    if ((flags & Flag.ack) === 0) {
      core.output.frame(Frame.ping, Flag.ack, 0, payload, start, end);
      return this.#answered('PING');
    }
    this.#silent();
    if (LEAVE_PING.compare(payload, start, end) === 0) this.#leave();
  }

  goAway(stream: number, length: number): void {
    if (stream !== 0) return this.#core.fail(ErrorCode.protocolError, `GOAWAY on stream ${stream}`);
    if (length < 8) return this.#core.fail(ErrorCode.frameSizeError, `GOAWAY of ${length} bytes`);
    this.#silent();
  }

  windowUpdate(id: number, payload: Buffer, start: number, end: number): void {
    const core = this.#core;
    if (end - start !== 4) return core.fail(ErrorCode.frameSizeError, `WINDOW_UPDATE of ${end - start} bytes`);
    this.#silent();
    const increment = payload.readUInt32BE(start) & 0x7fff_ffff;
    if (id === 0) {
      if (increment === 0) core.fail(ErrorCode.protocolError, 'WINDOW_UPDATE by nothing');
      else if (!core.sender.openConnection(increment))
        core.fail(ErrorCode.flowControlError, 'the window of the connection is too large');
      return;
    }
    const stream = core.stream(id);
    if (stream === undefined) {
      if (core.isIdle(id)) core.missing(id, 'WINDOW_UPDATE');
    } else if (increment === 0) core.faulted(stream, ErrorCode.protocolError);
    else if (!core.sender.openStream(stream, increment)) core.faulted(stream, ErrorCode.flowControlError);
  }

  resetStream(id: number, payload: Buffer, start: number, end: number): void {
    const core = this.#core;
    if (end - start !== 4) return core.fail(ErrorCode.frameSizeError, `RST_STREAM of ${end - start} bytes`);
    const stream = core.stream(id);
    if (stream === undefined) return core.isIdle(id) ? core.missing(id, 'RST_STREAM') : this.#silent();
    const isIdle = stream.received === 0;
    core.resetByPeer(stream, payload.readUInt32BE(start));
    // Work for nothing; a call that brought a message may end as it likes.
    if (isIdle) this.#answered('RST_STREAM without any message before');
  }

  /** Read for its form only: RFC 9113 section 5.3.2 gave priorities up. */
  priority(id: number, length: number): void {
    const core = this.#core;
    if (id === 0) return core.fail(ErrorCode.protocolError, 'PRIORITY on stream 0');
    this.#silent();
    if (length === 5) return;
    const stream = core.stream(id);
    if (stream === undefined) core.fail(ErrorCode.frameSizeError, `PRIORITY of ${length} bytes`);
    else core.faulted(stream, ErrorCode.frameSizeError);
  }

  #answered(what: string, cost = 1): void {
    if (!this.#core.floods.answered(cost)) this.#core.fail(ErrorCode.enhanceYourCalm, `too many of ${what}`);
  }

  #silent(): void {
    if (!this.#core.floods.silent()) this.#core.fail(ErrorCode.enhanceYourCalm, 'too many frames that say nothing');
  }
}
