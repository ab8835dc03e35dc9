import { findHeader } from '../wire/extproc/headers.ts';
import { RECORD_HEADER_BYTES } from '../wire/segments/record.ts';
import type { Ring } from './ring.ts';
import type { Stream } from './streams.ts';

export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
}

/** What an exchange asks, as long as the ring has its head. */
export function requestOf({ request }: Stream, ring: Ring): RequestLine | undefined {
  const record = request && ring.read(request.position);
  if (request === undefined || record === undefined) return undefined;
  const find = (name: string): string =>
    findHeader(record, RECORD_HEADER_BYTES + request.start, RECORD_HEADER_BYTES + request.end, name) ?? '';
  return { method: find(':method'), path: find(':path'), authority: find(':authority') };
}
