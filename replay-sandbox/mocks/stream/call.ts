/** One stream that a client opened: first it is found out which recorded one it is, then that one is played. */
import type { Clock } from '../../../src/domain/clock.ts';
import type { Header } from '../../../src/domain/exchange.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import type { RecordedStream } from '../../match/stream/choose.ts';
import { StreamChooser } from '../../match/stream/choose.ts';
import type { MessageValue } from '../../match/stream/compare.ts';
import type { Played } from './playback.ts';
import { Playback } from './playback.ts';
import type { Timers } from './timers.ts';

/** A recorded stream, and of which the recording may lack a rest. */
export interface PlayableStream extends RecordedStream {
  readonly cut?: { readonly client: boolean; readonly server: boolean };
}

export interface StreamCallOptions<T extends PlayableStream> {
  /** Those nothing has asked for yet, in recorded order. */
  readonly candidates: readonly T[];
  /** What the client sent to open it. */
  readonly headers: readonly Header[];
  readonly valueOf: MessageValue;
  readonly pace: number;
  readonly clock: Clock;
  readonly timers: Timers;
  /** It is this one: how its frames go out. Nothing else may take it any more. */
  readonly chosen: (stream: T) => (message: StreamMessage) => void | Promise<void>;
  /** It is none of them: to be answered as a miss. */
  readonly missed: () => void;
  /** Once, behind `chosen`. */
  readonly done: (stream: T, played: Played) => void;
}

export class StreamCall<T extends PlayableStream> {
  readonly #options: StreamCallOptions<T>;
  readonly #chooser: StreamChooser<T>;
  /** What came before it was chosen. */
  #early: StreamMessage[] = [];
  #playback: Playback | undefined;
  #over = false;

  constructor(options: StreamCallOptions<T>) {
    this.#options = options;
    this.#chooser = new StreamChooser(options.candidates, options.headers, options.valueOf, options.clock.now());
  }

  start(): void {
    this.#decide();
  }

  came(message: StreamMessage): void {
    if (this.#playback !== undefined) return this.#playback.came(message);
    if (this.#over) return;
    this.#chooser.came(message);
    this.#early.push(message);
    this.#decide();
  }

  /** What has come so far counts. A call that was not chosen yet goes without a word. */
  stop(): void {
    this.#over = true;
    this.#playback?.stop();
  }

  #decide(): void {
    const choice = this.#chooser.choose();
    if (choice.kind === 'chosen') return this.#play(choice.stream);
    if (choice.kind === 'more') return;
    this.#over = true;
    this.#options.missed();
  }

  #play(stream: T): void {
    const { chosen, done, valueOf, pace, clock, timers } = this.#options;
    const { messages, source, recordedAt, cut } = stream;
    const play = chosen(stream);
    this.#playback = new Playback({
      messages,
      source,
      recordedAt,
      pace,
      valueOf,
      clock,
      timers,
      play,
      expectsMore: cut?.client === true,
      done: (played) => done(stream, cut?.server === true ? lacking(played) : played),
    });
    const early = this.#early;
    this.#early = [];
    for (const message of early) this.#playback.came(message);
    this.#playback.start();
  }
}

function lacking(played: Played): Played {
  const explanation = ['the recording lacks the rest of what the server sent', ...played.explanation];
  return { ...played, grade: 'drifted', explanation };
}
