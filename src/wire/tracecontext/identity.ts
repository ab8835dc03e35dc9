/** What joins an exchange to a transaction, read from its request headers or from the metadata of its capturing call. */
import type { Header, TraceContext } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';
import { parseTransactionKey } from '../../domain/ids.ts';
import type { TransactionKey } from '../../domain/ids.ts';
import { parseB3Multi, parseB3Single } from './b3.ts';
import { parseTraceparent } from './traceparent.ts';

/** Decoded headers, or how to find the first value of a lower-case name in headers nobody has decoded. */
export type HeaderSource = readonly Header[] | ((name: string) => string | undefined);

function headerIn(source: HeaderSource, name: string): string | undefined {
  return typeof source === 'function' ? source(name) : header(source, name);
}

/** W3C before B3 before B3 in several headers: the order in which mixed fleets migrate. */
export function traceContextOf(headers: HeaderSource): TraceContext | undefined {
  const traceparent = headerIn(headers, 'traceparent');
  const w3c = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  if (w3c !== undefined) return w3c;
  const b3 = headerIn(headers, 'b3');
  const single = b3 === undefined ? undefined : parseB3Single(b3);
  if (single !== undefined) return single;
  const traceId = headerIn(headers, 'x-b3-traceid');
  const spanId = headerIn(headers, 'x-b3-spanid');
  return traceId === undefined || spanId === undefined ? undefined : parseB3Multi(traceId, spanId);
}

/** `x-request-id` when it can be a key: 1 to 200 visible ASCII characters. Envoy makes UUIDs; applications make anything. */
export function requestIdOf(headers: HeaderSource): string | undefined {
  const value = headerIn(headers, 'x-request-id');
  return value !== undefined && parseTransactionKey(`request:${value}`) !== undefined ? value : undefined;
}

/**
 * The keys of an exchange, best first: its own trace id, else the one of the capturing call (`callTrace`: Envoy's own tracer), then
 * its request id. Two keys mean that both name one transaction. Empty for ambient traffic without any context.
 */
export function transactionKeys(headers: HeaderSource, callTrace?: TraceContext): readonly TransactionKey[] {
  const trace = traceContextOf(headers) ?? callTrace;
  const requestId = requestIdOf(headers);
  const texts = [trace && `trace:${trace.traceId}`, requestId && `request:${requestId}`];
  return texts.flatMap((text) => (text && parseTransactionKey(text)) || []);
}
