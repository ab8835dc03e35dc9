import type { Header, TraceContext } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';
import { parseB3Multi, parseB3Single } from './b3.ts';
import { parseTraceparent } from './traceparent.ts';

/** Decoded headers, or how to find the first value of a lower-case name in headers nobody has decoded. */
export type HeaderSource = readonly Header[] | ((name: string) => string | undefined);

export function headerIn(source: HeaderSource, name: string): string | undefined {
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
