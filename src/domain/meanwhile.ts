/**
 * Calls of one Envoy reach the sink over several connections, one of each of its threads, and are read in either order: what a connection to a
 * database said for an exchange may seem to come so long before it began, or after it ended. Milliseconds; the sleeps of the ingest thread are 24
 * at most.
 */
export const OUT_OF_ORDER_MS = 25;

/** When what was said on the connections of its instance may belong to an exchange, if it says so itself; Unix ms. */
export function meanwhile({ startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number }): {
  readonly from: number;
  readonly to: number;
} {
  return { from: startedAt - OUT_OF_ORDER_MS, to: endedAt + OUT_OF_ORDER_MS };
}
