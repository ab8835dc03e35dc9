import type { KnownEntries } from './known-entries.ts';

/** Which part of an exchange a ProcessingRequest carries: the field numbers of its oneof, so that scanning needs no table. */
export const Part = {
  requestHeaders: 2,
  responseHeaders: 3,
  requestBody: 4,
  responseBody: 5,
  requestTrailers: 6,
  responseTrailers: 7,
} as const;
export type Part = (typeof Part)[keyof typeof Part];

/**
 * Where things lie in one ProcessingRequest, found by walking keys and lengths once; nothing is decoded. Offsets are into the message.
 * One object may be reused for every message of a thread: read it before the next scan.
 */
export interface ScannedMessage {
  part: Part;
  /** Headers and body: end_of_stream. Trailers: always true. */
  endOfStream: boolean;
  observabilityMode: boolean;
  /** The HeaderMap (headers, trailers) or the body bytes. */
  valueStart: number;
  valueEnd: number;
  /** Envoy's attributes Struct of the ext_proc filter; equal offsets when there are none. */
  attributesStart: number;
  attributesEnd: number;
  /** What scanned-head.ts found in the HeaderMap and in the attributes, once somebody has asked; of this message when `…Read`. */
  headers: KnownEntries | undefined;
  headersRead: boolean;
  attributes: KnownEntries | undefined;
  attributesRead: boolean;
}
