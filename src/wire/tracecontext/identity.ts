/** What joins an exchange to a transaction, read from its request headers or from the metadata of its capturing call. */
import type { TraceContext } from '../../domain/exchange.ts';
import { parseTransactionKey } from '../../domain/ids.ts';
import type { TransactionKey } from '../../domain/ids.ts';
import { headerIn, traceContextOf } from './context.ts';
import type { HeaderSource } from './context.ts';

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
