/** The client's side of a recorded gRPC stream, sent again: each message when what the service had said before it has come. */
import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Clock } from '../../src/domain/clock.ts';
import type { Exchange, Header } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import { isGrpc } from '../../src/domain/grpc.ts';
import type { RecordedGrpcStream } from '../../src/wire/grpc/exchange.ts';
import { isGrpcStream, readGrpcStream } from '../../src/wire/grpc/exchange.ts';
import { GrpcReader } from '../../src/wire/grpc/reader.ts';
import type { StreamMessage } from '../../src/wire/stream.ts';
import { endsSide } from '../../src/wire/stream.ts';
import { headersFrom } from '../node-headers.ts';
import { Playback } from '../mocks/stream/playback.ts';
import type { Timers } from '../mocks/stream/timers.ts';
import { written } from '../mocks/stream/written.ts';

export interface StreamTriggerOptions {
  /** Factor on recorded gaps: 1 as recorded, 0 at once. */
  readonly pace: number;
  /** A person holds the service: the client neither leaves nor goes on without an answer. */
  readonly patient: boolean;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** A service that says less than it did gets the next message all the same. */
const STALL_MS = 3000;

/** Undefined for a trigger that is one question and one answer. What comes back sends the messages on a stream that has just been opened. */
export function streamTrigger(
  trigger: Exchange,
  options: StreamTriggerOptions,
): ((stream: ClientHttp2Stream) => void) | undefined {
  if (!isGrpc(trigger.request && header(trigger.request.headers, 'content-type'))) return undefined;
  const recorded = readGrpcStream(trigger);
  if (!isGrpcStream(recorded)) return undefined;
  return (stream) => converse(stream, trigger, ended(recorded, trigger.endedAt), options);
}

/** A client whose recording lacks the rest says no more: else its service waits for that until the replay is given up. */
function ended({ messages, cut }: RecordedGrpcStream, at: number): readonly StreamMessage[] {
  if (!cut.client || messages.some((message) => message.side === 'client' && endsSide(message))) return messages;
  return [...messages, { side: 'client', at, kind: 'half-close', bytes: new Uint8Array(), summary: 'half-close' }];
}

function converse(
  stream: ClientHttp2Stream,
  trigger: Exchange,
  messages: readonly StreamMessage[],
  { pace, patient, clock, timers }: StreamTriggerOptions,
): void {
  const playback = new Playback({
    messages: patient ? messages.filter(({ side, kind }) => side !== 'client' || kind !== 'reset') : messages,
    plays: 'client',
    source: 'loop',
    recordedAt: trigger.startedAt,
    pace,
    // What the service said is compared as a whole, when it is over.
    expectsMore: true,
    valueOf: () => undefined,
    ...(!patient && { stallMs: STALL_MS }),
    clock,
    timers,
    play: (message) => send(stream, message),
    done: () => undefined,
  });
  listen(stream, clock, (message) => playback.came(message));
  stream.on('close', () => playback.stop());
  playback.start();
}

function listen(stream: ClientHttp2Stream, clock: Clock, came: (message: StreamMessage) => void): void {
  const mark = (kind: StreamMessage['kind'], headers: readonly Header[]): StreamMessage => ({
    side: 'server',
    at: clock.now(),
    kind,
    bytes: new Uint8Array(),
    headers,
    summary: kind,
  });
  let reader = new GrpcReader({ side: 'server', encoding: undefined });
  stream.on('response', (_headers: unknown, _flags: number, raw: readonly string[]) => {
    const headers = headersFrom(raw);
    reader = new GrpcReader({ side: 'server', encoding: header(headers, 'grpc-encoding') });
    came(mark(header(headers, 'grpc-status') === undefined ? 'head' : 'trailers', headers));
  });
  stream.on('data', (chunk: Buffer) => reader.push(chunk, clock.now()).forEach(came));
  stream.on('end', () => {
    came(mark('trailers', []));
    // Who has a status says nothing more; a stream that stayed half open would be waited for.
    setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
  });
}

/** Settles when the service has taken it. */
function send(stream: ClientHttp2Stream, { kind, wire }: StreamMessage): void | Promise<void> {
  if (stream.destroyed || stream.closed) return Promise.reject(new Error('closed'));
  if (kind === 'reset') return stream.close(constants.NGHTTP2_CANCEL);
  if (kind === 'half-close') {
    stream.end();
    return undefined;
  }
  return wire === undefined ? undefined : written(stream, wire);
}
