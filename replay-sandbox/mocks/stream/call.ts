/**
 * One stream that a client opened. Which recorded one it is, may show late: until then, what all that it may be have in common is played of the
 * best of them, and nothing is taken.
 */
import type { Clock } from '../../../src/domain/clock.ts';
import type { Header } from '../../../src/domain/exchange.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { endsSide } from '../../../src/wire/stream.ts';
import type { RecordedStream } from '../../match/stream/choose.ts';
import { StreamChooser } from '../../match/stream/choose.ts';
import type { MessageValue } from '../../match/stream/compare.ts';
import type { Cut, Unread } from './cut.ts';
import { lacking } from './cut.ts';
import type { Played } from './playback.ts';
import { Playback } from './playback.ts';
import type { Timers } from './timers.ts';

/** A recorded stream, and of which sides the recording lacks a rest. */
export interface PlayableStream extends RecordedStream {
  readonly cut?: Cut;
  readonly unread?: Unread;
}

export interface StreamCallOptions<T extends PlayableStream> {
  /** Those nothing has taken yet, in recorded order. */
  readonly candidates: readonly T[];
  /** What the client sent to open it. */
  readonly headers: readonly Header[];
  readonly valueOf: MessageValue;
  readonly pace: number;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Nothing else has taken it since. */
  readonly isFree: (stream: T) => boolean;
  /** It seems to be this one: how its frames go out. Called again when it turns out to be another with the same beginning. */
  readonly chosen: (stream: T) => (message: StreamMessage) => void | Promise<void>;
  /** It is certain: nothing else may take it any more. */
  readonly take: (stream: T) => void;
  /** It is none of them: to be answered as a miss, maybe behind a beginning that several had in common. */
  readonly missed: () => void;
  /** Once, unless it was missed. */
  readonly done: (stream: T, played: Played) => void;
}

/** So many messages of a client that may be either of two are remembered. */
const REMEMBERED = 256;

export class StreamCall<T extends PlayableStream> {
  readonly #options: StreamCallOptions<T>;
  readonly #chooser: StreamChooser<T>;
  /** What came while it was not certain which one it is; undefined once it is. */
  #came: StreamMessage[] | undefined = [];
  #played = 0;
  #current: { readonly stream: T; readonly playback: Playback } | undefined;
  #over = false;

  constructor(options: StreamCallOptions<T>) {
    const { candidates, headers, valueOf, clock, isFree } = options;
    this.#options = options;
    this.#chooser = new StreamChooser(candidates, headers, { valueOf, now: clock.now(), isFree });
  }

  start(): void {
    this.#choose();
  }

  came(message: StreamMessage): void {
    if (this.#over) return;
    if (this.#came === undefined) return this.#current?.playback.came(message);
    this.#chooser.came(message);
    this.#came.push(message);
    this.#choose(message);
  }

  /** What has come so far counts. */
  stop(): void {
    this.#current?.playback.stop();
  }

  #choose(message?: StreamMessage): void {
    const choice = this.#chooser.choose();
    if (choice === undefined) return this.#miss();
    const { stream, certain } = choice;
    const came = this.#came ?? [];
    if (certain || came.length > REMEMBERED) this.#take(stream);
    if (this.#current?.stream !== stream) this.#begin(stream, came);
    else if (message !== undefined) this.#current.playback.came(message);
  }

  #take(stream: T): void {
    if (this.#came === undefined) return;
    this.#came = undefined;
    this.#options.take(stream);
  }

  #miss(): void {
    this.#over = true;
    this.#leave();
    this.#options.missed();
  }

  /** What is played now is not the one after all. */
  #leave(): void {
    const left = this.#current;
    this.#current = undefined;
    left?.playback.stop();
  }

  /** From where the client is: what it was already sent is not sent again. */
  #begin(stream: T, came: readonly StreamMessage[]): void {
    this.#leave();
    const { chosen, valueOf, pace, clock, timers } = this.#options;
    const { messages, source, recordedAt, cut, unread } = stream;
    const onto = chosen(stream);
    let repeats = this.#played;
    const play = (message: StreamMessage): void | Promise<void> => {
      repeats -= 1;
      return repeats >= 0 ? undefined : this.#play(stream, message, onto);
    };
    const playback = new Playback({
      messages,
      source,
      recordedAt,
      pace,
      valueOf,
      clock,
      timers,
      play,
      expectsMore: cut?.client === true || unread?.client !== undefined,
      done: (played) => {
        if (this.#current?.playback === playback) this.#end(stream, played);
      },
    });
    this.#current = { stream, playback };
    for (const message of came) playback.came(message);
    playback.start();
  }

  #play(stream: T, message: StreamMessage, onto: (message: StreamMessage) => void | Promise<void>) {
    if (this.#came !== undefined) {
      if (!this.#options.isFree(stream)) {
        this.#choose();
        return Promise.reject(new Error('another client has taken this stream'));
      }
      if (endsSide(message) || !this.#chooser.isShared(message)) this.#take(stream);
      this.#chooser.played(message);
    }
    this.#played += 1;
    return onto(message);
  }

  #end(stream: T, played: Played): void {
    this.#over = true;
    this.#take(stream);
    this.#options.done(stream, lacking(played, stream.cut, stream.unread));
  }
}
