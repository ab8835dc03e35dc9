/** A recorded response as it goes out again over HTTP/2. */
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Exchange, Header, Message } from '../../../src/domain/exchange.ts';
import { bodyOf, header, statusOf } from '../../../src/domain/exchange.ts';
import { GRPC_UNKNOWN } from '../../../src/domain/grpc.ts';
import { encodeMessageText } from '../../../src/wire/grpc/message-text.ts';
import { headersObject } from '../../node-headers.ts';
import { headersToSend } from '../http/headers.ts';
import type { Ending } from '../http/peers.ts';
import type { AnswerWriter } from '../http/streamed.ts';
import { written } from '../stream/written.ts';

/** `grpc-message` is a header: clients take about 8 KiB of them. */
const MESSAGE_CHARACTERS = 2000;

/** Sends what was recorded and ends as it ended: cut off again, or never answered. A trailers-only answer has no other part here either. */
export function sendRecorded(exchange: Exchange, stream: ServerHttp2Stream): Ending {
  const recorded = exchange.response;
  if (recorded === undefined) return 'hangs';
  const body = bodyOf(recorded);
  const status = statusOf(exchange) ?? 502;
  const bare = recorded.complete && body.length === 0 && recorded.trailers.length === 0;
  const more = { endStream: bare, waitForTrailers: recorded.trailers.length > 0, sendDate: false };
  respond(stream, status, headersToSend(recorded), more);
  if (!recorded.complete) {
    cutOff(stream, body);
    return 'reset';
  }
  stream.on('wantTrailers', () => stream.sendTrailers(headersObject(recorded.trailers)));
  if (!bare) stream.end(body);
  return 'answered';
}

/** An answer that goes out by and by. */
export function answerWriter(stream: ServerHttp2Stream): AnswerWriter {
  return {
    head: (recorded) => sendHead(recorded, stream, { waitForTrailers: recorded.trailers.length > 0 }),
    write: (bytes) => (stream.destroyed ? undefined : written(stream, bytes)),
    end(trailers) {
      stream.on('wantTrailers', () => stream.sendTrailers(headersObject(trailers)));
      stream.end();
    },
    reset: () => cutOff(stream, new Uint8Array(0)),
    onClose: (closed) => void stream.once('close', closed),
  };
}

/** 501 with a text nobody can take for an answer of the real peer. */
export function sendMiss(explanation: readonly string[], stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 501, 'content-type': 'text/plain; charset=utf-8', 'x-loop-miss': '1' });
  stream.end(`loop replay: no recorded answer.\n${explanation.join('\n')}\n`);
}

/** UNKNOWN, which no retry policy is made for: a call answered UNAVAILABLE would be tried again until its deadline. */
export function sendGrpcMiss(explanation: readonly string[], stream: ServerHttp2Stream): void {
  // Its client may have left in the same breath.
  if (stream.destroyed || stream.closed) return;
  const text = `loop replay: no recorded answer. ${explanation.join('\n')}`.slice(0, MESSAGE_CHARACTERS);
  const status = { 'grpc-status': String(GRPC_UNKNOWN), 'grpc-message': encodeMessageText(text), 'x-loop-miss': '1' };
  stream.resume();
  if (!stream.headersSent) {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
    return;
  }
  stream.once('wantTrailers', () => stream.sendTrailers(status));
  stream.end();
}

interface ResponseOptions {
  readonly endStream: boolean;
  readonly waitForTrailers: boolean;
  readonly sendDate: boolean;
}

/** The head of an answer whose rest follows by and by. */
export function sendHead(recorded: Message, stream: ServerHttp2Stream, options: Partial<ResponseOptions> = {}): void {
  const status = Number(header(recorded.headers, ':status') ?? 200);
  const plain = { endStream: false, waitForTrailers: false, sendDate: false };
  respond(stream, status, headersToSend(recorded), { ...plain, ...options });
}

/** Node refuses repeats of names that have one value by their meaning: then the first counts, as it does for clients. */
function respond(
  stream: ServerHttp2Stream,
  status: number,
  headers: readonly Header[],
  options: ResponseOptions,
): void {
  try {
    stream.respond({ ...headersObject(headers), ':status': status }, options);
  } catch {
    const first = headers.filter(({ name }, index) => headers.findIndex((other) => other.name === name) === index);
    stream.respond({ ...headersObject(first), ':status': status }, options);
  }
}

/** What was sent must be on the wire before the reset drops it. */
function cutOff(stream: ServerHttp2Stream, body: Uint8Array): void {
  const reset = (): void => void setImmediate(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  if (body.length === 0) reset();
  else stream.write(body, reset);
}
