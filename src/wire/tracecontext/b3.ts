import type { TraceContext } from '../../domain/exchange.ts';

/** `{trace id}-{span id}[-{sampled}[-{parent span id}]]`, or the sampling state alone: https://github.com/openzipkin/b3-propagation */
const SINGLE = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-[01d](?:-[0-9a-f]{16})?)?$/i;
const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;
const SPAN_ID = /^[0-9a-f]{16}$/i;
const ZEROS = /^0+$/;

/** The header `b3`. Undefined for a sampling decision without ids and for anything malformed. */
export function parseB3Single(value: string): TraceContext | undefined {
  const [, traceId, spanId] = SINGLE.exec(value) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : context(traceId, spanId);
}

/** The headers `x-b3-traceid` and `x-b3-spanid`. */
export function parseB3Multi(traceId: string, spanId: string): TraceContext | undefined {
  return TRACE_ID.test(traceId) && SPAN_ID.test(spanId) ? context(traceId, spanId) : undefined;
}

/** 64-bit trace ids are filled with zeros on the left, as tracers do that speak both formats. Upper-case digits are seen in the wild. */
function context(traceId: string, spanId: string): TraceContext | undefined {
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId: traceId.toLowerCase().padStart(32, '0'), spanId: spanId.toLowerCase() };
}
