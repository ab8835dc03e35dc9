import type { Header } from '../../domain/exchange.ts';
import { decodeAttributes, isAttributesFault } from './attributes.ts';
import { decodeHeaders } from './headers.ts';
import { createScannedMessage, scanMessage } from './scan.ts';
import type { ScanFault } from './scan.ts';
import { Part } from './scanned.ts';

/** One ProcessingRequest, decoded. Headers and trailers have `headers`, body parts have `body`: a view into the bytes given. */
export interface DecodedMessage {
  readonly part: Part;
  readonly endOfStream: boolean;
  readonly observabilityMode: boolean;
  readonly headers?: readonly Header[];
  readonly body?: Uint8Array;
  /** Attribute text by expression; empty except on the first message of each direction. */
  readonly attributes: Readonly<Record<string, string>>;
}

export function decodeMessage(bytes: Uint8Array): DecodedMessage | ScanFault {
  const scanned = scanMessage(bytes, createScannedMessage());
  if ('fault' in scanned) return scanned;
  const { part, endOfStream, observabilityMode, valueStart, valueEnd } = scanned;
  const attributes = decodeAttributes(bytes, scanned.attributesStart, scanned.attributesEnd);
  if (isAttributesFault(attributes)) return attributes;
  const common = { part, endOfStream, observabilityMode, attributes };
  if (part === Part.requestBody || part === Part.responseBody)
    return { ...common, body: bytes.subarray(valueStart, valueEnd) };
  const headers = decodeHeaders(bytes, valueStart, valueEnd);
  return 'fault' in headers ? headers : { ...common, headers };
}
