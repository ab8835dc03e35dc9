import type { TransactionKey } from '../domain/ids.ts';
import type { StreamNote } from '../recorder/notes.ts';
import type { BlockReader } from './reader.ts';
import { digestOf } from './table.ts';

/** A request id is no identity for ever: clients send constant ones. It joins what was so near, in ms, and has no other trace. */
const REQUEST_ID_MS = 5 * 60_000;

export interface Known {
  readonly keys: readonly TransactionKey[];
  /** Unix ms. */
  readonly near: number | undefined;
}

/** Streams of a transaction by number, under every key that its streams had meanwhile. Newest blocks first. */
export async function streamsOf(
  known: Known,
  reader: BlockReader,
): Promise<{ readonly streams: ReadonlyMap<number, StreamNote>; readonly keys: ReadonlySet<TransactionKey> }> {
  const search = new Search(known);
  for (let fresh = known.keys; fresh.length > 0;) {
    const digests = fresh.map(digestOf);
    const before = new Set(search.keys);
    for (const block of reader.blocks().toReversed()) {
      if (!digests.some((digest) => block.table.hasKey(digest))) continue;
      const content = await reader.load(block);
      for (const note of content?.notes.values() ?? []) search.look(note);
    }
    fresh = [...search.keys].filter((key) => !before.has(key));
  }
  return search;
}

class Search {
  readonly keys: Set<TransactionKey>;
  readonly streams = new Map<number, StreamNote>();
  #near: number | undefined;

  constructor({ keys, near }: Known) {
    this.keys = new Set(keys);
    this.#near = near;
  }

  look(note: StreamNote): void {
    if (!this.#isOfIt(note)) return;
    this.#near ??= note.startedAt;
    const known = this.streams.get(note.stream);
    const endedAt = Math.min(note.endedAt, known?.endedAt ?? Infinity);
    this.streams.set(note.stream, { ...note, endedAt });
    for (const key of note.keys) this.keys.add(key);
  }

  #isOfIt({ keys, startedAt }: StreamNote): boolean {
    const shared = keys.filter((key) => this.keys.has(key));
    if (shared.length === 0 || shared.some(isTrace)) return shared.length > 0;
    if (keys.some(isTrace) && [...this.keys].some(isTrace)) return false;
    return this.#near === undefined || Math.abs(startedAt - this.#near) <= REQUEST_ID_MS;
  }
}

function isTrace(key: TransactionKey): boolean {
  return key.startsWith('trace:');
}
