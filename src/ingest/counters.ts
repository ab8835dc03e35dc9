import type { EndReason } from '../domain/segment.ts';

export interface CallCounters {
  callsOpened: number;
  readonly callsEnded: Record<EndReason, number>;
  /** Bytes without framing. */
  messages: number;
  bytes: number;
}

/** Counts since the start of the ingest thread. Open now = opened - closed, or minus the sum of the ends. Calls and messages are of ext_proc. */
export interface IngestCounters extends CallCounters {
  connectionsOpened: number;
  connectionsClosed: number;
  /** Calls of access loggers; an entry is one exchange's. */
  readonly logs: CallCounters & { entries: number };
  readonly refused: Record<Refusal, number>;
  /** Ports whose certificate has changed to what cannot be used: they show the one before. */
  readonly certificates: { failing: number };
  /** Messages that are no ProcessingRequest, messages and entries of access logs that are none. Their calls go on. */
  faults: number;
  /** What the thread slept on purpose (pacing.ts): no lateness. */
  readonly paced: Paced;
}

export interface Paced {
  sleeps: number;
  /** Milliseconds. */
  ms: number;
}

/**
 * - `protocol`   a connection that does not speak HTTP/2, or broke it: garbage, HTTP/1.1, header blocks beyond 64 KiB
 * - `method`     a call of something else than the external processor, the access-log service or the health service
 * - `certificate` files of sink.tls that have changed to what cannot be used; no peer is refused by it
 * - `metadata`   a call with more metadata than sidecars have: 8 KiB
 * - `crowded`    a connection beyond those that may be open at once
 * - `oversized`  a call ended for a message beyond the limit
 * - `unread`     a processing-mode call whose peer does not read its answers, or a connection that reads nothing
 * - `unfinished` a call that held the most when messages that are not whole yet took more memory than there is for them
 * - `internal`   a connection whose bytes, or a call whose end, met a fault of ours: please report it
 * - `compressed` a call with a compressed message: Envoy sends none, and unpacking would be work for strangers
 */
export type Refusal = keyof ReturnType<typeof noRefusals>;

export function createCounters(): IngestCounters {
  return {
    connectionsOpened: 0,
    connectionsClosed: 0,
    ...callCounters(),
    logs: { ...callCounters(), entries: 0 },
    refused: noRefusals(),
    certificates: { failing: 0 },
    faults: 0,
    paced: { sleeps: 0, ms: 0 },
  };
}

function noRefusals() {
  return {
    protocol: 0,
    method: 0,
    certificate: 0,
    metadata: 0,
    crowded: 0,
    oversized: 0,
    unread: 0,
    unfinished: 0,
    internal: 0,
    compressed: 0,
  };
}

function callCounters(): CallCounters {
  return {
    callsOpened: 0,
    callsEnded: { closed: 0, cancelled: 0, idle: 0, shutdown: 0, error: 0 },
    messages: 0,
    bytes: 0,
  };
}
