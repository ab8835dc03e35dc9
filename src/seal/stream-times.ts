import type { Exchange, Message } from '../domain/exchange.ts';
import { header } from '../domain/exchange.ts';
import { isGrpc } from '../domain/grpc.ts';
import { isGrpcStream, messageTimes, readGrpcStream } from '../wire/grpc/exchange.ts';
import { isEventStream } from '../wire/sse/exchange.ts';
import type { MessageView } from './view-schema.ts';

const LF = 0x0a;

/** The messages of a gRPC stream, and the lines of an event stream, with the times at which they came; anything else as it is. */
export function timed(view: MessageView, exchange: Exchange, side: 'client' | 'server'): MessageView {
  if (side === 'server' && isEventStream(exchange.response)) return withLineTimes(view, exchange.response);
  const type = exchange.request && header(exchange.request.headers, 'content-type');
  if (view.body.kind !== 'text' || !isGrpc(type)) return view;
  const stream = readGrpcStream(exchange);
  if (!isGrpcStream(stream)) return view;
  const said = messageTimes(stream, side);
  const lines = view.body.text.split('\n').length;
  // A message in JSON may have several lines: then none is told.
  if (lines !== said.length && !(view.body.truncated && lines < said.length)) return view;
  return { ...view, body: { ...view.body, times: said.slice(0, lines) } };
}

/** Of a packed stream there is none to tell. */
function withLineTimes(view: MessageView, message: Message | undefined): MessageView {
  if (message === undefined || view.body.kind !== 'text' || header(message.headers, 'content-encoding') !== undefined)
    return view;
  const ends = message.body.flatMap(({ at, bytes }) => {
    const count = bytes.reduce((sum, byte) => (byte === LF ? sum + 1 : sum), 0);
    return Array.from({ length: count }, () => at);
  });
  const lines = view.body.text.split('\n').length;
  const times = [...ends, message.endedAt].slice(0, lines);
  return times.length === lines ? { ...view, body: { ...view.body, times } } : view;
}
