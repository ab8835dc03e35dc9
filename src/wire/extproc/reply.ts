import { Part } from './scanned.ts';

/**
 * The empty ProcessingResponse for each part: in processing mode Envoy holds the exchange until it has one of the same kind, and an
 * empty HeadersResponse, BodyResponse or TrailersResponse means CONTINUE. In ProcessingResponse the six parts have the numbers 1 to 6,
 * one less than in ProcessingRequest.
 *
 * The body mode FULL_DUPLEX_STREAMED is not served: there Envoy hands the body over and an answer without it deletes it. It must not be
 * configured for a recorder; observability mode refuses it by itself.
 */
const REPLIES: ReadonlyMap<Part, Uint8Array> = new Map(
  Object.values(Part).map((part) => [part, Uint8Array.of(((part - 1) << 3) | 2, 0)]),
);

/** Shared bytes: not to be written to. */
export function emptyReply(part: Part): Uint8Array {
  return REPLIES.get(part) ?? new Uint8Array(0);
}
