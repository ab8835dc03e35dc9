import type { TransportLimits } from './transport.ts';

const MIB = 1024 * 1024;

/**
 * - messageBytes: Envoy cuts bodies into messages of at most about 1 MiB (seen on 1.40.0: 1,063,973 bytes); grpc's own default is 4 MiB.
 * - unfinishedBytes: some hundred of Envoy's largest.
 * - connections: an Envoy has one for each worker thread, filter and log; a process has 65,536 files where nobody says otherwise.
 * - idleMs: twice Envoy's stream_idle_timeout of 5 minutes, after which Envoy has ended every exchange that may idle by itself.
 */
export const DEFAULT_LIMITS: TransportLimits = {
  messageBytes: 8 * MIB,
  idleMs: 600_000,
  unfinishedBytes: 128 * MIB,
  connections: 10_000,
};

/**
 * HTTP/2 settings of the receiving side.
 *
 * - streamWindowBytes, connectionWindowBytes: how far a sidecar may send ahead. Node's 64 KiB for both stall a sidecar for a round trip
 *   every few chunks, and a stalled sidecar stops reading live traffic. Bytes in a window wait in the kernel and in Envoy, not here.
 * - maxConcurrentStreams: Envoy opens another connection beyond its own limit of 1024 per connection; a peer that is not Envoy gets no more.
 * - streamResets: Envoy ends every call with END_STREAM and RST_STREAM. Node takes resets for an attack (CVE-2023-44487) and drops the
 *   connection after a burst of 1000 at more than 33 a second, with every recording on it.
 */
export const HTTP2 = {
  streamWindowBytes: 4 * MIB,
  connectionWindowBytes: 16 * MIB,
  maxConcurrentStreams: 10_000,
  frameBytes: 16_384,
  headerListBytes: 64 * 1024,
  streamResets: { burst: 1_000_000, perSecond: 1_000_000 },
} as const;

/**
 * Of the metadata of one call, names and values, bytes. Envoy's own come to some hundred. Each call's are copied into the recording, and a header
 * block of a few bytes may stand for 64 KiB.
 */
export const METADATA_BYTES = 8192;

/** Answers of one processing-mode call that its peer has not read. Envoy has one message in flight, a few while it streams a body. */
export const MAX_UNREAD_REPLIES = 1000;

/** What a piece of an unfinished message costs grpc-js beside its own bytes: a message of 1 MiB that comes byte by byte took 320 MB. */
export const PIECE_BYTES = 256;

/** How long a closing transport waits for peers to take the end of their calls before it drops the connections. Milliseconds. */
export const CLOSE_GRACE_MS = 500;

/** What one connection may leave unread of what was sent to it: answers, acknowledgements. Bytes. */
export const MAX_UNREAD_BYTES = 4 * MIB;

/** A connection that has not said by then that it speaks HTTP/2 is closed. Milliseconds. */
export const SETTLE_MS = 10_000;

/** A peer that says nothing for so long is asked by TCP whether it is still there. Milliseconds. */
export const KEEPALIVE_MS = 60_000;

/** Node reads a socket by pieces of at most 64 KiB: a full one means that more may be waiting. Less what TLS takes of it for itself. */
export const FULL_BYTES = 60 * 1024;
