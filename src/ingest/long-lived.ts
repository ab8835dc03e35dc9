import { findHeader } from '../wire/extproc/headers.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';

/** Bodies that may say nothing for hours and then go on: event streams, and gRPC calls that watch something. */
const STREAMING_TYPES = ['text/event-stream', 'application/grpc'];

/** True when these headers open something that may be silent for as long as it likes: an upgrade, a tunnel, or a stream of events. */
export function opensLongLived(bytes: Uint8Array, scanned: ScannedMessage): boolean {
  const find = (name: string): string | undefined => findHeader(bytes, scanned.valueStart, scanned.valueEnd, name);
  if (scanned.part === Part.requestHeaders) {
    return find(':method') === 'CONNECT' || find('upgrade') !== undefined || isStreaming(find('content-type'));
  }
  return scanned.part === Part.responseHeaders && (find(':status') === '101' || isStreaming(find('content-type')));
}

function isStreaming(contentType: string | undefined): boolean {
  return contentType !== undefined && STREAMING_TYPES.some((type) => contentType.startsWith(type));
}
