/** Plays one side of a recorded stream to the other: compares what comes, sends what is due. The socket is the caller's. */
import type { Clock } from '../../../src/domain/clock.ts';
import type { StreamMessage, StreamSide } from '../../../src/wire/stream.ts';
import { endsSide, isContent, isKeepAlive } from '../../../src/wire/stream.ts';
import type { AnswerSource, Grade } from '../../match/call.ts';
import type { MessageValue } from '../../match/stream/compare.ts';
import { StreamComparison } from '../../match/stream/compare.ts';
import { Schedule } from './schedule.ts';
import type { Timers } from './timers.ts';

export interface PlaybackOptions {
  /** Both sides, in recorded order (`mergeStream`). */
  readonly messages: readonly StreamMessage[];
  /** Whose frames are played; by default the server's. */
  readonly plays?: StreamSide;
  readonly source: AnswerSource;
  /** Unix ms at which the recorded stream began. */
  readonly recordedAt: number;
  /** Factor on recorded gaps: 1 as recorded, 0 at once. */
  readonly pace: number;
  /** The recording lacks the rest of what the other side sent: what comes behind is not compared. */
  readonly expectsMore?: boolean;
  /** When nothing came for so long, what waits is sent all the same. By default it waits without end. */
  readonly stallMs?: number;
  readonly valueOf: MessageValue;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Puts a frame on the wire. A promise holds back the next one: a slow reader is waited for. */
  readonly play: (message: StreamMessage) => void | Promise<void>;
  /** Once: when the played side has said its end and nothing more follows, when the other broke off, or when `stop` was called. */
  readonly done: (played: Played) => void;
}

export interface Played {
  readonly grade: Grade;
  readonly explanation: readonly string[];
  /** Messages that came, and that went out as far as they did; without marks and keep-alives. */
  readonly came: number;
  readonly played: number;
}

export class Playback {
  readonly #options: PlaybackOptions;
  readonly #schedule: Schedule;
  readonly #comparison: StreamComparison;
  #cancel: (() => void) | undefined;
  #busy = false;
  #over = false;
  /** Behind its end the played side heard nothing any more: neither did the recording. */
  #ended = false;
  /** It ended where it broke off in the recording. */
  #leaves = false;
  #came = 0;
  #played = 0;

  constructor(options: PlaybackOptions) {
    const { messages, plays = 'server', pace, recordedAt, clock, valueOf } = options;
    const now = clock.now();
    this.#options = options;
    this.#schedule = new Schedule(messages, { plays, pace, recordedAt, now });
    this.#comparison = new StreamComparison({ recordedAt, now }, valueOf);
  }

  /** Begins: frames that wait for nothing go out now. */
  start(): void {
    this.#turn();
  }

  /** The other side sent this. `half-close`, `trailers`, `close` and `reset` end it. */
  came(asked: StreamMessage): void {
    if (this.#over || isKeepAlive(asked)) return;
    if (isContent(asked)) this.#came += 1;
    if (!this.#ended) this.#compare(asked);
    if (asked.kind === 'reset') this.#finish();
    else this.#turn();
  }

  /** The replay is over, or the connection is: what has come so far counts. */
  stop(): void {
    this.#finish();
  }

  #compare(asked: StreamMessage): void {
    const { expected, came } = this.#schedule;
    const recorded = expected[came];
    // A reset may follow yet.
    if (asked.kind === 'half-close' && recorded?.kind === 'reset') {
      this.#leaves = true;
      return;
    }
    if (asked.kind === 'reset') this.#leaves = false;
    if (endsSide(asked) && (recorded === undefined || !endsSide(recorded))) return this.#endedEarly(asked);
    if (recorded !== undefined && endsSide(recorded) === endsSide(asked)) {
      this.#comparison.pair(recorded, asked, this.#came);
      return this.#schedule.advance(this.#options.clock.now());
    }
    if (this.#options.expectsMore === true) return;
    this.#comparison.note(`${asked.kind} ${this.#came}: nothing more was recorded; sent ${asked.summary}`);
  }

  #endedEarly(asked: StreamMessage): void {
    const { expected, came } = this.#schedule;
    const left = expected.slice(came).filter(isContent).length;
    const after = `after ${this.#came} message${this.#came === 1 ? '' : 's'}`;
    const more = left === 0 ? 'it stayed open in the recording' : `${left} more were recorded`;
    if (this.#options.expectsMore !== true)
      this.#comparison.note(`the ${asked.side} ended (${asked.summary}) ${after}: ${more}`);
    this.#schedule.release(this.#options.clock.now());
  }

  /** One frame at a time: what a slow reader has not taken is not written. */
  #turn(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#busy || this.#over) return;
    const due = this.#schedule.next();
    if (due === undefined) return this.#idle();
    const wait = due.at - this.#options.clock.now();
    if (wait > 0) this.#cancel = this.#options.timers.after(wait, () => this.#play(due.message));
    else this.#play(due.message);
  }

  #idle(): void {
    const { stallMs, timers, clock } = this.#options;
    if (this.#ended && this.#schedule.finished) return this.#finish();
    if (stallMs === undefined || this.#schedule.finished) return;
    this.#cancel = timers.after(stallMs, () => {
      this.#comparison.note(`message ${this.#came + 1} of the other side did not come; what waited for it was sent`);
      this.#schedule.skip(clock.now());
      this.#turn();
    });
  }

  #play(message: StreamMessage): void {
    this.#cancel = undefined;
    this.#busy = true;
    this.#ended ||= endsSide(message);
    if (isContent(message)) this.#played += 1;
    // What a recording holds may be nothing that can be written: that ends this stream, and nothing else.
    const written = new Promise<void>((resolve) => resolve(this.#options.play(message)));
    void written.then(
      () => this.#wentOut(),
      () => this.#finish(), // Its connection is gone.
    );
  }

  #wentOut(): void {
    this.#busy = false;
    this.#schedule.played(this.#options.clock.now());
    this.#turn();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    if (this.#leaves) this.#comparison.note('the other side ended; in the recording it broke the stream off');
    this.#options.done({
      grade: this.#comparison.grade(this.#options.source),
      explanation: this.#comparison.explanation(),
      came: this.#came,
      played: this.#played,
    });
  }
}
