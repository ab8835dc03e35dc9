/** Plays one recorded stream to one client: compares what comes, sends what is due. The socket is the caller's. */
import type { Clock } from '../../../src/domain/clock.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { endsSide, isKeepAlive } from '../../../src/wire/stream.ts';
import type { AnswerSource, Grade } from '../../match/call.ts';
import type { MessageValue } from '../../match/stream/compare.ts';
import { StreamComparison } from '../../match/stream/compare.ts';
import { Schedule } from './schedule.ts';

export interface Timers {
  /** Runs it once; the answer takes that back. */
  after(ms: number, run: () => void): () => void;
}

export interface PlaybackOptions {
  /** Both sides, in recorded order (`mergeStream`). */
  readonly messages: readonly StreamMessage[];
  readonly source: AnswerSource;
  /** Unix ms at which the recorded stream began. */
  readonly recordedAt: number;
  /** Factor on recorded gaps: 1 as recorded, 0 at once. */
  readonly pace: number;
  readonly valueOf: MessageValue;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Puts a frame on the wire. A promise holds back the next one: a slow reader is waited for. */
  readonly play: (message: StreamMessage) => void | Promise<void>;
  /** Once: when the server has said its end and nothing more follows, or when the client broke off or `stop` was called. */
  readonly done: (played: Played) => void;
}

export interface Played {
  readonly grade: Grade;
  readonly explanation: readonly string[];
  /** Messages, without marks and keep-alives: of the client, and of the server as far as they went out. */
  readonly sent: number;
  readonly received: number;
}

export class Playback {
  readonly #options: PlaybackOptions;
  readonly #schedule: Schedule;
  readonly #comparison: StreamComparison;
  #cancel: (() => void) | undefined;
  #busy = false;
  #over = false;
  /** Behind its end the server heard nothing any more: neither did the recording. */
  #serverEnded = false;
  #sent = 0;
  #received = 0;

  constructor(options: PlaybackOptions) {
    const { messages, pace, recordedAt, clock, valueOf } = options;
    const now = clock.now();
    this.#options = options;
    this.#schedule = new Schedule(messages, { pace, recordedAt, now });
    this.#comparison = new StreamComparison({ recordedAt, now }, valueOf);
  }

  /** Begins; frames the server sent before it heard anything go out now. */
  start(): void {
    this.#turn();
  }

  /** The client sent this. `half-close`, `close` and `reset` end its side. */
  came(asked: StreamMessage): void {
    if (this.#over || isKeepAlive(asked)) return;
    if (!endsSide(asked)) this.#sent += 1;
    if (!this.#serverEnded) this.#compare(asked);
    if (asked.kind === 'reset') this.#finish();
    else this.#turn();
  }

  /** The replay is over, or the connection is: what has come so far counts. */
  stop(): void {
    this.#finish();
  }

  #compare(asked: StreamMessage): void {
    const { client, came } = this.#schedule;
    const recorded = client[came];
    const position = this.#sent;
    if (endsSide(asked) && (recorded === undefined || !endsSide(recorded))) return this.#endedEarly(asked);
    if (recorded === undefined || (endsSide(recorded) && !endsSide(asked)))
      return this.#comparison.note(`${asked.kind} ${position}: nothing more was recorded; sent ${asked.summary}`);
    this.#comparison.pair(recorded, asked, position);
    this.#schedule.advance(this.#options.clock.now());
  }

  #endedEarly(asked: StreamMessage): void {
    const { client, came } = this.#schedule;
    const left = client.slice(came).filter((message) => !endsSide(message)).length;
    const after = `after ${this.#sent} message${this.#sent === 1 ? '' : 's'}`;
    const more = left === 0 ? 'it stayed open in the recording' : `${left} more were recorded`;
    this.#comparison.note(`the client ended (${asked.summary}) ${after}: ${more}`);
    this.#schedule.release(this.#options.clock.now());
  }

  /** One frame at a time: what a slow reader has not taken is not written. */
  #turn(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#busy || this.#over) return;
    const due = this.#schedule.next();
    if (due === undefined) {
      if (this.#serverEnded && this.#schedule.finished) this.#finish();
      return;
    }
    const wait = due.at - this.#options.clock.now();
    if (wait > 0) this.#cancel = this.#options.timers.after(wait, () => this.#play(due.message));
    else this.#play(due.message);
  }

  #play(message: StreamMessage): void {
    this.#cancel = undefined;
    this.#busy = true;
    this.#serverEnded ||= endsSide(message);
    if (!endsSide(message) && !isKeepAlive(message)) this.#received += 1;
    void Promise.resolve(this.#options.play(message)).then(
      () => this.#played(),
      () => this.#finish(), // Its connection is gone.
    );
  }

  #played(): void {
    this.#busy = false;
    this.#schedule.played(this.#options.clock.now());
    this.#turn();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    this.#options.done({
      grade: this.#comparison.grade(this.#options.source),
      explanation: this.#comparison.explanation(),
      sent: this.#sent,
      received: this.#received,
    });
  }
}
