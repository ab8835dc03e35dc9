import { headerIs, headersIn, Named, streamingType } from '../wire/extproc/scanned-head.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';

/** Bodies that may say nothing for hours and then go on: event streams, and gRPC calls that watch something. */
const STREAMING_TYPES = ['text/event-stream', 'application/grpc'];

/** True when these headers open something that may be silent for as long as it likes: an upgrade, a tunnel, or a stream of events. */
export function opensLongLived(bytes: Uint8Array, scanned: ScannedMessage): boolean {
  const { part } = scanned;
  if (part === Part.requestHeaders) {
    const upgrades = headersIn(bytes, scanned).has(Named.upgrade);
    return upgrades || headerIs(bytes, scanned, Named.method, 'CONNECT') || isStreaming(bytes, scanned);
  }
  return (
    part === Part.responseHeaders && (headerIs(bytes, scanned, Named.status, '101') || isStreaming(bytes, scanned))
  );
}

function isStreaming(bytes: Uint8Array, scanned: ScannedMessage): boolean {
  const contentType = streamingType(bytes, scanned);
  return contentType !== '' && STREAMING_TYPES.some((type) => contentType.startsWith(type));
}
