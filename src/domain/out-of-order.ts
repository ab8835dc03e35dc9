/**
 * What one Envoy sends reaches the sink over several connections, one of each of its threads, and is read in either order: a call, or a command to
 * a database, may seem to come so long before the request that made it, or behind its answer. Milliseconds; the sleeps of the ingest thread are 24
 * at most.
 */
export const OUT_OF_ORDER_MS = 25;
