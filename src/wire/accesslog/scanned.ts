/**
 * What one HTTPAccessLogEntry says that decides where it belongs and how its exchange is judged, found by one walk. One object may be
 * reused for every entry of a thread: read it before the next scan.
 */
export interface ScannedEntry {
  // By three an entry and its exchange are one: `request.id`, `request.time` and `source.address` of ext_proc.
  /** Where the id lies, UTF-8. */
  requestIdStart: number;
  requestIdEnd: number;
  /** Unix time in microseconds. */
  startMicros: number;
  /** Where the core.v3.Address of who called lies (address.ts). */
  remoteStart: number;
  remoteEnd: number;
  /** AccessLogType. */
  type: number;
  /** As the attribute `response.flags`, but final. */
  flags: number;
  /** 0 while there was no answer. */
  code: number;
  durationMs: number;
  /** RequestMethod; 6 is CONNECT. */
  method: number;
  /** Where HTTPRequestProperties and HTTPResponseProperties lie; equal offsets when there are none. */
  requestStart: number;
  requestEnd: number;
  responseStart: number;
  responseEnd: number;
}

/** It goes on: such entries come every few seconds of a connection (`access_log_flush_interval`), with no duration and no flags yet. */
export function isOngoing({ type }: ScannedEntry): boolean {
  return type === 5;
}

/** The end of an exchange, also as Envoys before 1.27 write it: without a type. */
export function isFinal({ type }: ScannedEntry): boolean {
  return type === 6 || type === 0;
}
