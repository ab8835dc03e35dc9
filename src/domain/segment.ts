/**
 * The raw unit of capture. Everything else (exchanges, commands, trees, verdicts) is derived from segments
 * and can be derived again when a codec improves.
 */
export interface Segment {
  readonly kind: SegmentKind;
  /** The captured stream it belongs to, numbered within its recorder. */
  readonly stream: number;
  /**
   * Its place in the stream, counted from 0 before anything is shed: (recorder, stream, sequence) names a segment, a repeat is a repeat,
   * and a jump is a loss in a known place. `state` records restate what was known just before the next segment and carry its sequence.
   */
  readonly sequence: number;
  /** When it reached the recorder: Unix time in milliseconds, with a fraction. */
  readonly at: number;
  /** Bit set of SegmentFlag. */
  readonly flags: number;
  /** Inbound exchanges open (answer not ended; upgrades and event streams do not count) at the same service instance when it arrived; saturates at 65,535. */
  readonly openInbound: number;
  /** When exactly one was open: its stream number in the same recorder. Else 0. Stream numbers start at 1. */
  readonly owner: number;
  readonly payload: Uint8Array;
}

/**
 * - `opened`  the metadata of the capturing call, as an Envoy HeaderMap message: who speaks (service, instance, direction, protocol).
 * - `message` one ProcessingRequest, byte for byte as Envoy sent it.
 * - `ended`   one byte: an EndReason.
 * - `state`   one byte side (0 client, 1 server), then protocol bytes: connection state older than the recording, stated again so that decoding can start here.
 * - `log`     one entry of Envoy's access log (an HTTPAccessLogEntry), byte for byte: how the exchange or connection ended.
 * - `gap`     bytes that were seen but are not kept: side, reason, count (see wire/segments).
 * - `placed`  written when it was kept, its sequence not its own: where an exchange or command without context was placed by what flows
 *   (see assembly/flow/note.ts). What spoke for it is not kept, so it could not be found again.
 */
export type SegmentKind = 'opened' | 'message' | 'ended' | 'state' | 'gap' | 'log' | 'placed';

export const SegmentFlag = {
  /** Decoding of the conversation can start at this segment: both sides stand at a message boundary and nothing is pending. */
  anchor: 1,
  /** Held outside the ring since its stream opened. */
  pinned: 2,
} as const;

/**
 * How the capturing call ended. `closed` and `cancelled` are both a normal end (Envoy resets every call);
 * whether the *exchange* was complete is told by its end marks, never by this.
 */
export type EndReason = 'closed' | 'cancelled' | 'idle' | 'shutdown' | 'error';

export type GapReason = 'budget' | 'shed' | 'overwritten';

/** Bytes that were captured on the wire and are missing from the recording. */
export interface Gap {
  readonly side: 'client' | 'server';
  readonly reason: GapReason;
  readonly bytes: number;
}
