import type { Holding } from './holding.ts';
import type { PinnedRecord } from './streams.ts';

/** Records chosen for a part: pinned ones, records written for it alone (connection state, gaps), and places in the ring. */
export interface Selection {
  readonly pinned: PinnedRecord[];
  readonly restated: Uint8Array[];
  readonly positions: number[];
}

export function emptySelection(): Selection {
  return { pinned: [], restated: [], positions: [] };
}

/** One buffer of its own with the records chosen: what was pinned or restated first, then by arrival, each place once. */
export function copyRecords(holding: Holding, { pinned, restated, positions }: Selection): Uint8Array<ArrayBuffer> {
  const front = [...pinned.map((record) => record.bytes), ...restated];
  const ordered = Float64Array.from(positions)
    .sort()
    .filter((position, index, all) => position !== all[index - 1]);
  let size = front.reduce((sum, record) => sum + record.length, 0);
  for (const position of ordered) size += holding.ring.bytesOf(position);
  const records = new Uint8Array(size);
  let offset = 0;
  for (const record of front) {
    records.set(record, offset);
    offset += record.length;
  }
  for (const position of ordered) {
    const record = holding.ring.read(position);
    if (record === undefined) continue;
    records.set(record, offset);
    offset += record.length;
  }
  return records;
}
