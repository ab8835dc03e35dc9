/** A recorded event stream, or a download: an HTTP answer that came in pieces. */
import type { Exchange, Message } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';
import { isClientGone } from '../../domain/flags.ts';
import type { StreamKind, StreamMessage } from '../stream.ts';
import { sized } from '../stream.ts';
import { EventStreamReader } from './messages.ts';

export function isEventStream(message: Message | undefined): boolean {
  const type = message && header(message.headers, 'content-type');
  return /^\s*text\/event-stream\s*(?:;|$)/i.test(type ?? '');
}

/** What the server said: events, or of one whose bytes are packed, and of any other answer, the pieces as they came; and how it ended. */
export function readAnswer(exchange: Exchange): readonly StreamMessage[] {
  const { response } = exchange;
  if (response === undefined) return [];
  const packed = (header(response.headers, 'content-encoding') ?? 'identity') !== 'identity';
  const said = isEventStream(response) && !packed ? readEvents(response) : readPieces(response);
  const ending = endingOf(exchange, response);
  return ending === undefined ? said : [...said, ending];
}

function readEvents({ body, endedAt }: Message): readonly StreamMessage[] {
  const reader = new EventStreamReader();
  const events: StreamMessage[] = [];
  let read = 0;
  for (const { at, bytes } of body) {
    if (reader.fault === 'too-many') break;
    read += 1;
    events.push(...reader.push(bytes, at));
  }
  const left = body.slice(read).map(({ at, bytes }) => piece('raw', bytes, at));
  const rest = reader.end();
  // The end of a CRLF, or empty lines: part of nothing.
  const kind = reader.fault === undefined ? 'comment' : 'raw';
  return [...events, ...(rest.length === 0 ? [] : [piece(kind, rest, endedAt)]), ...left];
}

function readPieces({ body }: Message): readonly StreamMessage[] {
  return body.map(({ at, bytes }) => piece('data', bytes, at));
}

function piece(kind: StreamKind, bytes: Uint8Array, at: number): StreamMessage {
  return { side: 'server', at, kind, bytes, wire: bytes, summary: sized(kind, bytes.length) };
}

/**
 * An answer without an end was broken off by the client where the access log says so, else by the server. One that is still open has none, nor
 * has one whose rest was not recorded: what came of it nobody knows.
 */
function endingOf(exchange: Exchange, response: Message): StreamMessage | undefined {
  const { headers, trailers, complete, endedAt } = { ...response };
  const nothing = { bytes: new Uint8Array(0) };
  if (complete && trailers.length > 0)
    return { side: 'server', at: endedAt, kind: 'trailers', ...nothing, headers: trailers, summary: 'trailers' };
  if (complete) return { side: 'server', at: endedAt, kind: 'half-close', ...nothing, summary: 'end' };
  const clientLeft = isClientGone(exchange);
  if (exchange.end === 'open' || headers.length === 0) return undefined;
  if (!clientLeft && exchange.gaps.some(({ side }) => side === 'server')) return undefined;
  const at = Math.max(exchange.endedAt, endedAt);
  return { side: clientLeft ? 'client' : 'server', at, kind: 'reset', ...nothing, summary: 'reset' };
}
