/** What joins an exchange to a transaction, read from its request headers or from the metadata of its capturing call. */
import type { TraceContext } from '../../domain/exchange.ts';
import { parseTransactionKey } from '../../domain/ids.ts';
import type { TransactionKey } from '../../domain/ids.ts';
import { parseB3Multi, parseB3Single } from './b3.ts';
import { parseTraceparent } from './traceparent.ts';

/** The first value of a header by its lower-case name, wherever the headers lie: a list, or a HeaderMap nobody has decoded. */
export type HeaderLookup = (name: string) => string | undefined;

/** W3C before B3 before B3 in several headers: the order in which mixed fleets migrate. */
export function traceContextOf(header: HeaderLookup): TraceContext | undefined {
  const traceparent = header('traceparent');
  const w3c = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  if (w3c !== undefined) return w3c;
  const b3 = header('b3');
  const single = b3 === undefined ? undefined : parseB3Single(b3);
  if (single !== undefined) return single;
  const traceId = header('x-b3-traceid');
  const spanId = header('x-b3-spanid');
  return traceId === undefined || spanId === undefined ? undefined : parseB3Multi(traceId, spanId);
}

/** `x-request-id` when it can be a key: 1 to 200 visible ASCII characters. Envoy makes UUIDs; applications make anything. */
export function requestIdOf(header: HeaderLookup): string | undefined {
  const value = header('x-request-id');
  return value !== undefined && parseTransactionKey(`request:${value}`) !== undefined ? value : undefined;
}

/**
 * The keys of an exchange, best first: its own trace id, else the one of the capturing call (`callTrace`: Envoy's own tracer), then
 * its request id. Two keys mean that both name one transaction. Empty for ambient traffic without any context.
 */
export function transactionKeys(header: HeaderLookup, callTrace?: TraceContext): readonly TransactionKey[] {
  const trace = traceContextOf(header) ?? callTrace;
  const requestId = requestIdOf(header);
  const texts = [trace && `trace:${trace.traceId}`, requestId && `request:${requestId}`];
  return texts.flatMap((text) => (text && parseTransactionKey(text)) || []);
}
