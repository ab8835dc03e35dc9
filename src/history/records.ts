import type { Segment } from '../domain/segment.ts';
import { SegmentFlag } from '../domain/segment.ts';
import { Books } from '../recorder/history.ts';
import { passedIn } from '../recorder/following.ts';
import { peekBytes, peekFlags, peekStream, pokeFlags } from '../wire/segments/peek.ts';
import { readRecords } from '../wire/segments/record.ts';
import type { Block, Content } from './block.ts';
import { SLOT_BYTES } from './block.ts';

/** One record as it was in memory, a copy. */
export interface Stored {
  readonly bytes: Uint8Array;
  readonly segment: Segment;
  /** What it was in the books (Books) when it aged. */
  readonly books: number;
  /** Orders by arrival, over all blocks. */
  readonly place: number;
}

/** Records of the streams wanted, by arrival. */
export function recordsIn(block: Block, { records }: Content, wanted: (stream: number) => boolean): readonly Stored[] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const found: Stored[] = [];
  for (let offset = 0; offset < records.length; offset += peekBytes(view, offset)) {
    if (!wanted(peekStream(view, offset))) continue;
    const bytes = records.slice(offset, offset + peekBytes(view, offset));
    const flags = peekFlags(view, offset);
    pokeFlags(new DataView(bytes.buffer, bytes.byteOffset), 0, flags & ~Books.mask);
    const [segment] = readRecords(bytes).segments;
    const place = block.number * SLOT_BYTES + offset;
    if (segment !== undefined) found.push({ bytes, segment, books: flags & Books.mask, place });
  }
  return found;
}

/** Bytes of a connection or a gap in them; the rest says who speaks, or how it ended. */
export function isPassed({ kind, payload }: Segment): boolean {
  return kind === 'gap' || kind === 'ended' || (kind === 'message' && passedIn(payload) !== undefined);
}

export function isAnchor({ flags }: Segment): boolean {
  return (flags & SegmentFlag.anchor) !== 0;
}

/** A record that only tells again who speaks. */
export function isRepeated({ flags }: Segment): boolean {
  return (flags & SegmentFlag.pinned) !== 0;
}
