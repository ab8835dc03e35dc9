/** A recorded WebSocket: an HTTP exchange whose bodies hold the frames of both sides. */
import type { Exchange, Header, Message } from '../../domain/exchange.ts';
import { header, methodOf, statusOf } from '../../domain/exchange.ts';
import { isClientGone } from '../../domain/flags.ts';
import type { StreamMessage, StreamSide } from '../stream.ts';
import { mergeStream, sized } from '../stream.ts';
import { agreedDeflate } from './deflate.ts';
import type { MessageFault } from './messages.ts';
import { WebSocketReader } from './messages.ts';

export interface RecordedWebSocket {
  /** Of both sides, in order of time; a side that broke off ends with `reset`. */
  readonly messages: readonly StreamMessage[];
  /** Where the frames of a side could not be read to the end: what is left of it is `raw`. */
  readonly faults: WebSocketFaults;
}

export type WebSocketFaults = Readonly<Partial<Record<StreamSide, MessageFault>>>;

/** Upgraded: 101 over HTTP/1.1, 200 to an extended CONNECT (RFC 8441), which Envoy shows as the former. */
export function isWebSocket(exchange: Exchange): boolean {
  const { request } = exchange;
  if (request === undefined || !asksForWebSocket(methodOf(exchange), request.headers)) return false;
  const status = statusOf(exchange);
  return status === 101 || (methodOf(exchange) === 'CONNECT' && status === 200);
}

/** https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1, https://www.rfc-editor.org/rfc/rfc8441#section-5 */
export function asksForWebSocket(method: string, headers: readonly Header[]): boolean {
  const protocol = method === 'CONNECT' ? header(headers, ':protocol') : header(headers, 'upgrade');
  return (protocol ?? '').toLowerCase() === 'websocket';
}

export function readWebSocket(exchange: Exchange): RecordedWebSocket {
  const agreed = agreedDeflate(extensionsOf(exchange.response));
  const client = readSide(exchange.request, new WebSocketReader({ side: 'client', deflate: agreed?.client }), 'client');
  const server = readSide(
    exchange.response,
    new WebSocketReader({ side: 'server', deflate: agreed?.server }),
    'server',
  );
  const messages = mergeStream(client.messages, server.messages);
  const faults = { ...(client.fault && { client: client.fault }), ...(server.fault && { server: server.fault }) };
  const ending = endingOf(exchange, messages, isUnread(faults));
  return {
    messages: ending === undefined ? messages : [...messages, ending],
    faults,
  };
}

export function extensionsOf(message: Message | undefined): string | undefined {
  return message && header(message.headers, 'sec-websocket-extensions');
}

function readSide(
  message: Message | undefined,
  reader: WebSocketReader,
  side: StreamSide,
): { readonly messages: readonly StreamMessage[]; readonly fault: MessageFault | undefined } {
  if (message === undefined) return { messages: [], fault: undefined };
  const messages = message.body.flatMap(({ at, bytes }) => reader.push(bytes, at));
  const rest = reader.end();
  const raw: StreamMessage = {
    side,
    at: message.endedAt,
    kind: 'raw',
    bytes: rest,
    wire: rest,
    summary: sized('raw', rest.length),
  };
  return { messages: rest.length === 0 ? messages : [...messages, raw], fault: reader.fault };
}

/**
 * A connection that ended without a close frame of either side was broken off: by the client where the access log says so, else by the
 * server. One that is still open has no end, and one that could not be read to its end none that is known.
 */
function endingOf(exchange: Exchange, messages: readonly StreamMessage[], unread: boolean): StreamMessage | undefined {
  if (exchange.end === 'open' || messages.some(({ kind }) => kind === 'close')) return undefined;
  const isCut = exchange.gaps.length > 0;
  const side = isClientGone(exchange) ? 'client' : 'server';
  if (side === 'server' && (unread || (isCut && exchange.logged !== true))) return undefined;
  const at = Math.max(exchange.endedAt, messages.at(-1)?.at ?? 0);
  return { side, at, kind: 'reset', bytes: new Uint8Array(0), summary: 'reset' };
}

/** A side that ended inside a message ended so; of any other fault, what came behind it is not known. */
function isUnread(faults: WebSocketFaults): boolean {
  return Object.values(faults).some((fault) => fault !== 'truncated');
}
