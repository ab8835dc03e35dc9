/** A recorded response as it goes out again over HTTP/1.1. */
import type { ServerResponse } from 'node:http';
import type { Exchange, Message } from '../../../src/domain/exchange.ts';
import { bodyOf, statusOf } from '../../../src/domain/exchange.ts';
import { headersToSend } from '../http/headers.ts';
import type { Ending } from '../http/peers.ts';

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
    response.write(body, () => response.socket?.resetAndDestroy());
    return 'reset';
  }
  if (recorded.trailers.length > 0)
    response.addTrailers(recorded.trailers.map(({ name, value }) => [name, value] as [string, string]));
  response.end(body);
  return 'answered';
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
