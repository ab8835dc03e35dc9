/**
 * When each recorded frame of a server goes out: once every client frame that was recorded before it has come, after its recorded gap times the
 * pace. Pure: it is told what happens and when, and says what is due.
 */
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { isKeepAlive } from '../../../src/wire/stream.ts';

export interface ScheduleOptions {
  /** Factor on recorded gaps: 1 as recorded, 0 at once. */
  readonly pace: number;
  /** Unix ms, in the recording, at which the stream began; the gap before a first frame counts from here. */
  readonly recordedAt: number;
  /** Unix ms at which it begins now. */
  readonly now: number;
}

interface Scheduled {
  readonly message: StreamMessage;
  /** Client frames that must have come. */
  readonly after: number;
  /** Since the frame it waited for, whichever came last. */
  readonly gapMs: number;
}

/** A frame and when it may go, Unix ms; a time in the past is at once. */
export interface Due {
  readonly message: StreamMessage;
  readonly at: number;
}

export class Schedule {
  /** What the client is expected to send, in order. Keep-alives are not in it, and nothing waits for them. */
  readonly client: readonly StreamMessage[];
  readonly #frames: readonly Scheduled[];
  readonly #pace: number;
  #came = 0;
  #sent = 0;
  /** When the next frame had all it waits for. */
  #readyAt: number;

  /** `messages` of both sides, in recorded order (`mergeStream`). */
  constructor(messages: readonly StreamMessage[], { pace, recordedAt, now }: ScheduleOptions) {
    this.client = messages.filter((message) => message.side === 'client' && !isKeepAlive(message));
    this.#frames = schedule(messages, recordedAt);
    this.#pace = pace;
    this.#readyAt = now;
  }

  /** Frames of the client that have come so far. */
  get came(): number {
    return this.#came;
  }

  /** Frames of the server that went out. */
  get sent(): number {
    return this.#sent;
  }

  /** The server has nothing more to say. */
  get finished(): boolean {
    return this.#sent === this.#frames.length;
  }

  /** The next frame that the client was expected to send has come. */
  advance(now: number): void {
    this.#came += 1;
    if (this.#frames[this.#sent]?.after === this.#came) this.#readyAt = now;
  }

  /** The client sends nothing more: what waits for it need not. */
  release(now: number): void {
    const waits = (this.#frames[this.#sent]?.after ?? 0) > this.#came;
    this.#came = Math.max(this.#came, this.client.length);
    if (waits) this.#readyAt = now;
  }

  /** Undefined while it waits for the client, and when it is finished. */
  next(): Due | undefined {
    const frame = this.#frames[this.#sent];
    if (frame === undefined || frame.after > this.#came) return undefined;
    return { message: frame.message, at: this.#readyAt + frame.gapMs * this.#pace };
  }

  /** The frame that `next` named went out. */
  played(now: number): void {
    this.#sent += 1;
    this.#readyAt = now;
  }
}

function schedule(messages: readonly StreamMessage[], recordedAt: number): readonly Scheduled[] {
  const frames: Scheduled[] = [];
  let after = 0;
  let last = recordedAt;
  for (const message of messages) {
    if (message.side === 'client' && isKeepAlive(message)) continue;
    if (message.side === 'client') after += 1;
    else frames.push({ message, after, gapMs: Math.max(0, message.at - last) });
    last = Math.max(last, message.at);
  }
  return frames;
}
