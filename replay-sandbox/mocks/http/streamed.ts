/** Answers that came over time go out over time: event streams, and downloads that were long. Their pieces are not joined. */
import type { Exchange, Header, Message } from '../../../src/domain/exchange.ts';
import { isEventStream, readAnswer } from '../../../src/wire/sse/exchange.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { endsSide } from '../../../src/wire/stream.ts';
import type { AnswerSource, ReplayedCall } from '../../match/call.ts';
import { cutOf, lacking } from '../stream/cut.ts';
import { Playback } from '../stream/playback.ts';
import type { Played } from '../stream/playback.ts';
import { processTimers } from '../stream/timers.ts';
import type { HttpMockOptions } from './peers.ts';

/** One answer on the wire, in one version of HTTP. */
export interface AnswerWriter {
  head(recorded: Message): void;
  /** A promise where the client reads slower than this. */
  write(bytes: Uint8Array): void | Promise<void>;
  end(trailers: readonly Header[]): void;
  reset(): void;
  /** Once, when the client is gone, before the end or behind it. */
  onClose(closed: () => void): void;
}

/** Pieces of less, and of a shorter time, are an answer like any other. */
const LONG_BYTES = 1024 * 1024;
const LONG_MS = 500;

export function isStreamed({ response, endedAt }: Exchange): boolean {
  if (response === undefined) return false;
  if (isEventStream(response)) return true;
  const [first] = response.body;
  if (first === undefined || response.body.length < 2) return false;
  const bytes = response.body.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  return bytes >= LONG_BYTES || Math.max(endedAt, response.endedAt) - first.at >= LONG_MS;
}

export interface StreamedAnswer {
  readonly exchange: Exchange;
  readonly source: AnswerSource;
  readonly writer: AnswerWriter;
  readonly options: HttpMockOptions;
  /** Once, when it is over or was stopped. */
  readonly done: (outcome: Pick<ReplayedCall, 'grade' | 'explanation'>, played: Played) => void;
}

export function playAnswer({ exchange, source, writer, options, done }: StreamedAnswer): Playback {
  const { clock, timers = processTimers, pace = 0 } = options;
  const { response } = exchange;
  const messages = readAnswer(exchange);
  const ends = messages.some(endsSide);
  const cutShort = messages.some(({ side, kind }) => side === 'server' && kind === 'reset');
  const playback = new Playback({
    messages,
    source,
    recordedAt: response?.startedAt ?? exchange.startedAt,
    pace,
    clock,
    timers,
    valueOf: () => undefined,
    play: (message) => play(message, writer),
    done(played) {
      const more = cutShort ? ['the recorded answer was cut off: so is this one'] : [];
      const { grade, explanation } = lacking(played, { client: false, server: cutOf(exchange).server });
      done({ grade, explanation: [...explanation, ...more] }, played);
    },
  });
  writer.onClose(() => {
    // Where the recording has no end, leaving is nothing that could differ.
    if (ends) playback.came(left(clock.now()));
    playback.stop();
  });
  if (response !== undefined) writer.head(response);
  playback.start();
  return playback;
}

function play(message: StreamMessage, writer: AnswerWriter): void | Promise<void> {
  if (message.kind === 'reset') return writer.reset();
  if (endsSide(message)) return writer.end(message.headers ?? []);
  return writer.write(message.wire ?? message.bytes);
}

function left(at: number): StreamMessage {
  return { side: 'client', at, kind: 'reset', bytes: new Uint8Array(0), summary: 'reset' };
}
