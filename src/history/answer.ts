import type { StreamNote } from '../recorder/notes.ts';
import type { HistoryQuestion, Rest } from '../recorder/history.ts';
import { Books } from '../recorder/history.ts';
import type { RecordedPart } from '../recorder/part.ts';
import type { Block } from './block.ts';
import type { Said } from './connection.ts';
import { bothOf, saidIn } from './connection.ts';
import { streamsOf } from './lookup.ts';
import type { BlockReader } from './reader.ts';
import type { Stored } from './records.ts';
import { recordsIn } from './records.ts';
import { digestOf } from './table.ts';

interface Counted {
  segments: number;
  bytes: number;
}

export interface Answer {
  /** Undefined when there is nothing to say. */
  readonly part: RecordedPart | undefined;
  readonly undecided: Counted;
  readonly tossed: Counted;
  readonly rests: readonly Rest[];
}

/** All that history has of a transaction, as one part: its exchanges, and what the connections of its instances said meanwhile. */
export async function answer(question: HistoryQuestion, reader: BlockReader): Promise<Answer> {
  const { head, limit, lost } = question;
  const { streams, keys } = await streamsOf(question, reader);
  const gathering = new Gathering(question, streams);
  for (const block of reader.blocks()) await gathering.add(block, reader);
  const connections = await connectionsOf(question, streams, reader);
  const front = connections.flatMap((said) => said.front);
  const records = [...gathering.records, ...connections.flatMap((said) => said.records)];
  const bytes = joined([...front, ...within(limit, uniqueByPlace(records))]);
  const overwritten = Math.max(0, lost - gathering.undecided.segments);
  const aliases = [...keys].filter((key) => key !== head.transaction);
  const part: RecordedPart = { ...head, aliases, records: bytes, overwritten };
  return {
    part: bytes.length > 0 || overwritten > 0 ? part : undefined,
    undecided: gathering.undecided,
    tossed: gathering.tossed,
    rests: connections.flatMap(({ rest }) => rest ?? []),
  };
}

/** As if it were asked for something history never had. */
export function nothingFor({ head, lost }: HistoryQuestion): Answer {
  const part = { ...head, records: new Uint8Array(), overwritten: lost };
  const none = { segments: 0, bytes: 0 };
  return { part: lost > 0 ? part : undefined, undecided: none, tossed: none, rests: [] };
}

/** Records of exchanges; each stream's of one block are given out once, unless all are asked for. */
class Gathering {
  readonly records: Stored[] = [];
  readonly undecided: Counted = { segments: 0, bytes: 0 };
  readonly tossed: Counted = { segments: 0, bytes: 0 };
  readonly #question: HistoryQuestion;
  readonly #streams: ReadonlyMap<number, StreamNote>;
  #bytes = 0;

  constructor(question: HistoryQuestion, streams: ReadonlyMap<number, StreamNote>) {
    this.#question = question;
    this.#streams = streams;
  }

  async add(block: Block, reader: BlockReader): Promise<void> {
    const { choice, limit } = this.#question;
    if (this.#streams.size === 0 || this.#bytes > limit) return;
    const here = block.table.streams().filter((stream) => this.#streams.has(stream));
    if (here.length === 0) return;
    const content = await reader.load(block);
    if (content === undefined) return;
    const given = new Set(here.filter((stream) => !block.table.give(stream)));
    for (const record of recordsIn(block, content, (stream) => this.#streams.has(stream))) {
      const isGiven = given.has(record.segment.stream);
      if (choice === 'unsent' && (isGiven || record.books === Books.kept)) continue;
      if (!isGiven) this.#count(block, record);
      this.records.push(record);
      this.#bytes += record.bytes.length;
    }
  }

  #count(block: Block, { books, bytes }: Stored): void {
    if (books !== Books.history && books !== Books.tossed) return;
    const tally = books === Books.history ? this.undecided : this.tossed;
    tally.segments += 1;
    tally.bytes += bytes.length;
    if (books === Books.tossed) return;
    block.undecided.segments -= 1;
    block.undecided.bytes -= bytes.length;
  }
}

/** Of the instances of its inbound exchanges, those of memory as well, while they were open. */
async function connectionsOf(
  { windows }: HistoryQuestion,
  streams: ReadonlyMap<number, StreamNote>,
  reader: BlockReader,
): Promise<readonly Said[]> {
  const inbound = [...streams.values()].filter(({ inbound: is, protocol }) => is && protocol === '');
  const own = inbound.map(({ instance, startedAt, endedAt }) => ({ instance, from: startedAt, to: endedAt }));
  const said = new Map<number, Said>();
  for (const { instance, from, to } of [...windows, ...own]) {
    const digest = digestOf(instance);
    const meanwhile = reader.blocks().filter(({ firstAt, lastAt }) => firstAt <= to && lastAt >= from);
    for (const stream of new Set(meanwhile.flatMap(({ table }) => table.conversationsOf(digest)))) {
      const one = await saidIn(stream, { from, to }, reader);
      const other = said.get(stream);
      if (one !== undefined) said.set(stream, other === undefined ? one : bothOf(one, other));
    }
  }
  return [...said.values()];
}

function uniqueByPlace(records: readonly Stored[]): readonly Stored[] {
  return [...new Map(records.map((record) => [record.place, record])).values()].toSorted(
    (one, other) => one.place - other.place,
  );
}

/** As many as fit, oldest first. */
function within(limit: number, records: readonly Stored[]): readonly Uint8Array[] {
  let left = limit;
  return records.filter(({ bytes }) => (left -= bytes.length) >= 0).map(({ bytes }) => bytes);
}

function joined(records: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(records.reduce((sum, record) => sum + record.length, 0));
  let offset = 0;
  for (const record of records) {
    bytes.set(record, offset);
    offset += record.length;
  }
  return bytes;
}
