/** Heads of exchanges, read where they lie: only the headers that somebody asks for. */
import { type HeaderNames, pickHeaders } from '../wire/extproc/headers.ts';
import { createScannedMessage, scanMessage } from '../wire/extproc/scan.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { readRecords } from '../wire/segments/record.ts';
import type { Head } from '../wire/users/head.ts';
import type { Holding } from './holding.ts';
import { Mark } from './ring.ts';
import type { Stream } from './streams.ts';

const stored = createScannedMessage();

/** The head in a message; undefined for a message that is none. */
export function headIn(bytes: Uint8Array, scanned: ScannedMessage, names: HeaderNames): Head | undefined {
  if (scanned.part !== Part.requestHeaders && scanned.part !== Part.responseHeaders) return undefined;
  const side = scanned.part === Part.requestHeaders ? 'request' : 'answer';
  return { side, headers: pickHeaders(bytes, scanned.valueStart, scanned.valueEnd, names) };
}

/** The request's head as the ring holds it; undefined when age took it. */
export function requestHead({ requestAt }: Stream, { ring }: Holding, names: HeaderNames): Head | undefined {
  const record = ring.read(requestAt);
  return record && headOf(record, names);
}

/** Every head of a stream that the ring holds, or that is pinned. */
export function headsOf(stream: Stream, holding: Holding, names: HeaderNames): readonly Head[] {
  const records = stream.pinned.map(({ bytes }) => bytes);
  holding.walk(stream, (position) => {
    const record = holding.ring.hasMark(position, Mark.head) ? holding.ring.read(position) : undefined;
    if (record !== undefined) records.push(record);
    return true;
  });
  return records.flatMap((record) => headOf(record, names) ?? []);
}

function headOf(record: Uint8Array, names: HeaderNames): Head | undefined {
  const [segment] = readRecords(record).segments;
  if (segment?.kind !== 'message') return undefined;
  const scanned = scanMessage(segment.payload, stored);
  return 'fault' in scanned ? undefined : headIn(segment.payload, scanned, names);
}
