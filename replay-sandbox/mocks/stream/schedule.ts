/**
 * When each recorded frame of one side goes out: once every frame of the other side that was recorded before it has come, after its recorded gap
 * times the pace. Pure: it is told what happens and when, and says what is due.
 */
import type { StreamMessage, StreamSide } from '../../../src/wire/stream.ts';
import { isKeepAlive } from '../../../src/wire/stream.ts';

export interface ScheduleOptions {
  /** Whose frames are played: `server` to a client under replay, `client` to a service that is triggered. */
  readonly plays: StreamSide;
  /** Factor on recorded gaps: 1 as recorded, 0 at once. */
  readonly pace: number;
  /** Unix ms, in the recording, at which the stream began; the gap before a first frame counts from here. */
  readonly recordedAt: number;
  /** Unix ms at which it begins now. */
  readonly now: number;
}

interface Scheduled {
  readonly message: StreamMessage;
  /** Frames of the other side that must have come. */
  readonly after: number;
  /** Since the frame it waited for, whichever came last. */
  readonly gapMs: number;
}

/** A frame and when it may go, Unix ms; a time in the past is at once. */
export interface Due {
  readonly message: StreamMessage;
  readonly at: number;
}

/** Enough to read what was sent. */
const RESET_MS = 100;

export class Schedule {
  /** What the other side is expected to send, in order. Keep-alives are not in it, and nothing waits for them. */
  readonly expected: readonly StreamMessage[];
  readonly #frames: readonly Scheduled[];
  readonly #pace: number;
  #came = 0;
  #sent = 0;
  /** When the next frame had all it waits for. */
  #readyAt: number;

  /** `messages` of both sides, in recorded order (`mergeStream`). */
  constructor(messages: readonly StreamMessage[], { plays, pace, recordedAt, now }: ScheduleOptions) {
    this.expected = messages.filter((message) => message.side !== plays && !isKeepAlive(message));
    this.#frames = schedule(messages, plays, recordedAt);
    this.#pace = pace;
    this.#readyAt = now;
  }

  /** Expected frames that have come so far. */
  get came(): number {
    return this.#came;
  }

  /** Everything went out. */
  get finished(): boolean {
    return this.#sent === this.#frames.length;
  }

  /** The next expected frame has come. */
  advance(now: number): void {
    this.#came += 1;
    if (this.#frames[this.#sent]?.after === this.#came) this.#readyAt = now;
  }

  /** The other side sends nothing more: what waits for it need not. */
  release(now: number): void {
    const waits = (this.#frames[this.#sent]?.after ?? 0) > this.#came;
    this.#came = Math.max(this.#came, this.expected.length);
    if (waits) this.#readyAt = now;
  }

  /** The next frame waits no longer. */
  skip(now: number): void {
    this.#came = Math.max(this.#came, this.#frames[this.#sent]?.after ?? 0);
    this.#readyAt = now;
  }

  /** Undefined while it waits for the other side, and when it is finished. */
  next(): Due | undefined {
    const frame = this.#frames[this.#sent];
    if (frame === undefined || frame.after > this.#came) return undefined;
    return { message: frame.message, at: this.#readyAt + waitOf(frame, this.#pace) };
  }

  /** The frame that `next` named went out. */
  played(now: number): void {
    this.#sent += 1;
    this.#readyAt = now;
  }
}

/**
 * Milliseconds before a frame goes out. When a client leaves decides what its server got done: never sooner than it did. A reset of a server
 * takes from its client what it has not read yet.
 */
function waitOf({ message: { side, kind }, gapMs }: Scheduled, pace: number): number {
  if (kind !== 'reset') return gapMs * pace;
  return Math.max(gapMs * pace, side === 'client' ? gapMs : RESET_MS);
}

function schedule(messages: readonly StreamMessage[], plays: StreamSide, recordedAt: number): readonly Scheduled[] {
  const frames: Scheduled[] = [];
  let after = 0;
  let last = recordedAt;
  for (const message of messages) {
    if (message.side !== plays && isKeepAlive(message)) continue;
    if (message.side !== plays) after += 1;
    else frames.push({ message, after, gapMs: Math.max(0, message.at - last) });
    last = Math.max(last, message.at);
  }
  return frames;
}
