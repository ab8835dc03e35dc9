/** A recorded response as it goes out again over HTTP/1.1. */
import type { ServerResponse } from 'node:http';
import type { Exchange, Message } from '../../../src/domain/exchange.ts';
import { bodyOf, header, statusOf } from '../../../src/domain/exchange.ts';
import { headersToSend } from '../http/headers.ts';
import type { Ending } from '../http/peers.ts';
import type { AnswerWriter } from '../http/streamed.ts';
import { written } from '../stream/written.ts';

/**
 * Sends what was recorded, and ends as it ended: an answer that was cut off is cut off again, a call that never got an answer hangs.
 * Returns what was done, for the log.
 */
export function sendRecorded(exchange: Exchange, response: ServerResponse): Ending {
  const recorded = exchange.response;
  if (recorded === undefined) return 'hangs';
  const body = bodyOf(recorded);
  const whole = recorded.complete;
  response.sendDate = false;
  response.writeHead(statusOf(exchange) ?? 502, headerList(recorded, whole ? body.length : undefined));
  if (!whole) {
    response.write(body);
    response.socket?.destroySoon();
    return 'reset';
  }
  if (recorded.trailers.length > 0)
    response.addTrailers(recorded.trailers.map(({ name, value }) => [name, value] as [string, string]));
  response.end(body);
  return 'answered';
}

/** An answer that goes out by and by. Its length is announced where it was. */
export function answerWriter(response: ServerResponse): AnswerWriter {
  return {
    head(recorded) {
      response.sendDate = false;
      response.writeHead(Number(header(recorded.headers, ':status') ?? 200), headerList(recorded, undefined));
      response.flushHeaders();
    },
    write: (bytes) => (response.destroyed ? undefined : written(response, bytes)),
    end(trailers) {
      if (trailers.length > 0)
        response.addTrailers(trailers.map(({ name, value }) => [name, value] as [string, string]));
      response.end();
    },
    // As Envoy breaks off towards its client, whatever broke off behind it: what was said arrives, and no RST.
    reset: () => response.socket?.destroySoon(),
    onClose: (closed) => void response.once('close', closed),
  };
}

/** 501 with a text nobody can take for an answer of the real peer. */
export function sendMiss(explanation: readonly string[], response: ServerResponse): void {
  response.writeHead(501, 'Not Recorded', { 'content-type': 'text/plain; charset=utf-8', 'x-loop-miss': '1' });
  response.end(`loop replay: no recorded answer.\n${explanation.join('\n')}\n`);
}

/** Flat name, value list: repeats and order as recorded. A HEAD or 304 answer keeps the length it announced. */
function headerList(recorded: Message, bodyBytes: number | undefined): string[] {
  const kept = headersToSend(recorded);
  const announced = kept.some(({ name }) => name === 'content-length');
  const length =
    announced || bodyBytes === undefined || recorded.trailers.length > 0 ? [] : ['content-length', String(bodyBytes)];
  const trailer = recorded.trailers.length > 0 ? ['trailer', recorded.trailers.map(({ name }) => name).join(', ')] : [];
  return [...kept.flatMap(({ name, value }) => [name, value]), ...length, ...trailer];
}
