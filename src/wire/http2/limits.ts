/** What one connection may cost. */
export interface Http2Limits {
  /** Streams open at once; more are refused. */
  readonly openStreams: number;
  /** Bytes a peer may send on one stream before it is told to go on: the receiver drains, so it always is. At least 65,535. */
  readonly streamWindow: number;
  /** The same for the whole connection. At least 65,535. */
  readonly connectionWindow: number;
  /** Largest payload of a frame: 16,384 to 2^24 - 1. */
  readonly frameBytes: number;
  /** Of a header list, as RFC 9113 section 6.5.2 counts it; a larger one costs its stream. */
  readonly headerListBytes: number;
  /** Bytes that wait to be sent, because the peer reads nothing or gives no window; beyond it the connection ends. */
  readonly outputBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_HTTP2_LIMITS: Http2Limits = {
  openStreams: 100_000,
  streamWindow: MIB,
  connectionWindow: 16 * MIB,
  frameBytes: 16_384,
  headerListBytes: 64 * 1024,
  outputBytes: 4 * MIB,
};
