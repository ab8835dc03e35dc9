import type { TraceContext } from '../../domain/exchange.ts';

/** version - trace id - parent id - flags [- what later versions add]: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);

/** A `traceparent` value. Undefined when it is invalid by the recommendation, which then says to act as if there were none. */
export function parseTraceparent(value: string): TraceContext | undefined {
  const [, version, traceId, spanId, more] = TRACEPARENT.exec(value) ?? [];
  if (traceId === undefined || spanId === undefined || version === 'ff') return undefined;
  if (version === '00' && more !== undefined) return undefined;
  if (traceId === ZERO_TRACE || spanId === ZERO_SPAN) return undefined;
  return { traceId, spanId };
}
