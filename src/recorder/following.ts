import { createScannedMessage, scanMessage } from '../wire/extproc/scan.ts';
import type { ConversationTracker } from '../wire/protocol.ts';
import { isBodyPart, isRequestPart } from './facts.ts';

/** Bytes of a connection, as a message of its call has them; undefined for a message that has none. `payload`: one ProcessingRequest. */
export function passedIn(
  payload: Uint8Array,
): { readonly side: 'client' | 'server'; readonly bytes: Uint8Array } | undefined {
  const scanned = scanMessage(payload, createScannedMessage());
  if ('fault' in scanned || !isBodyPart(scanned.part)) return undefined;
  const side = isRequestPart(scanned.part) ? 'client' : 'server';
  return { side, bytes: payload.subarray(scanned.valueStart, scanned.valueEnd) };
}

/** Lets a tracker follow what was recorded. */
export function feed(tracker: ConversationTracker, payload: Uint8Array): void {
  const passed = passedIn(payload);
  if (passed !== undefined && passed.bytes.length > 0) tracker.bytes(passed.side, passed.bytes);
}
