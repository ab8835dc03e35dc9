import { findHeader } from '../wire/extproc/headers.ts';
import { createScannedMessage, scanMessage } from '../wire/extproc/scan.ts';
import { payloadOf } from '../wire/segments/record.ts';
import type { Ring } from './ring.ts';
import type { Stream } from './streams.ts';

const stored = createScannedMessage();

export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
}

/** What an exchange asks, as long as the ring has its head. */
export function requestOf({ requestAt }: Stream, ring: Ring): RequestLine | undefined {
  const record = ring.read(requestAt);
  if (record === undefined) return undefined;
  const payload = payloadOf(record);
  const scanned = scanMessage(payload, stored);
  if ('fault' in scanned) return undefined;
  const find = (name: string): string => findHeader(payload, scanned.valueStart, scanned.valueEnd, name) ?? '';
  return { method: find(':method'), path: find(':path'), authority: find(':authority') };
}
