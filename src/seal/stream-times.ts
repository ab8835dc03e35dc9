import type { Exchange } from '../domain/exchange.ts';
import { header } from '../domain/exchange.ts';
import { isGrpc } from '../domain/grpc.ts';
import { isGrpcStream, messageTimes, readGrpcStream } from '../wire/grpc/exchange.ts';
import type { MessageView } from './view-schema.ts';

/** The messages of a gRPC stream with the times at which they came; anything else as it is. */
export function timed(view: MessageView, exchange: Exchange, side: 'client' | 'server'): MessageView {
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
