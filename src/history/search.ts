import type { StreamNote } from '../recorder/notes.ts';
import { createScannedMessage, scanMessage } from '../wire/extproc/scan.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import type { BlockReader } from './reader.ts';
import { recordsIn } from './records.ts';

/** True when the request head is one that is looked for. `message` is one ProcessingRequest; the header map lies at `scanned.valueStart`. */
export type HeadMatcher = (message: Uint8Array, scanned: ScannedMessage) => boolean;

/** An exchange whose head matched; under its keys all of its transaction can be asked for. */
export interface SearchFound {
  readonly note: StreamNote;
  /** Arrival of the head, Unix ms. */
  readonly at: number;
}

/** Newest block first; between two blocks others may run. Ends when aborted. */
export async function* search(
  reader: BlockReader,
  matches: HeadMatcher,
  signal?: AbortSignal,
): AsyncGenerator<SearchFound> {
  const scanned = createScannedMessage();
  for (const block of reader.blocks().toReversed()) {
    if (signal?.aborted === true) return;
    const content = await reader.load(block);
    if (content === undefined) continue;
    const isExchange = (stream: number): boolean => content.notes.get(stream)?.protocol === '';
    for (const { segment } of recordsIn(block, content, isExchange)) {
      const note = content.notes.get(segment.stream);
      if (segment.kind !== 'message' || note === undefined) continue;
      const found = scanMessage(segment.payload, scanned);
      if ('fault' in found || found.part !== Part.requestHeaders) continue;
      if (matches(segment.payload, found)) yield { note, at: segment.at };
    }
  }
}
