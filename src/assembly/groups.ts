/** Exchanges that share context: one trace, or one request id. */
import type { Exchange } from '../domain/exchange.ts';

/**
 * Tells whether two exchanges can be of one context. A request id seen with two traces joins nothing (clients send constant ones), as in the
 * recorder. What shows neither fits everywhere: only place and time are known of it.
 */
export function contextsOf(exchanges: readonly Exchange[]): (one: Exchange, other: Exchange) => boolean {
  const traces = new Map<string, string | undefined>();
  for (const { requestId, trace } of exchanges) {
    if (requestId === undefined || trace === undefined) continue;
    const known = traces.has(requestId) ? traces.get(requestId) : trace.traceId;
    traces.set(requestId, known === trace.traceId ? known : undefined);
  }
  const groupOf = ({ requestId, trace }: Exchange): string | undefined => {
    if (trace !== undefined) return trace.traceId;
    return requestId === undefined ? undefined : (traces.get(requestId) ?? `request ${requestId}`);
  };
  return (one, other) => {
    const [first, second] = [groupOf(one), groupOf(other)];
    return first === undefined || second === undefined || first === second;
  };
}
