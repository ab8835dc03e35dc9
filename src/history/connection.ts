/** What one connection said while exchanges were open at its instance: as src/recorder/ranges.ts chooses it in memory, from blocks. */
import type { Rest } from '../recorder/history.ts';
import { feed } from '../recorder/following.ts';
import { conversationProtocol } from '../wire/protocols.ts';
import { encodeSegments } from '../wire/segments/record.ts';
import type { Block } from './block.ts';
import type { BlockReader } from './reader.ts';
import type { Stored } from './records.ts';
import { isAnchor, isPassed, isRepeated, recordsIn } from './records.ts';

/** Blocks that are read for one connection and window. */
const BLOCKS = 64;

export interface Span {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
}

export interface Said {
  /** Who speaks, and the state in front. */
  readonly front: readonly Uint8Array[];
  /** By arrival; at least one. */
  readonly records: readonly Stored[];
  /** Unix ms: the end of what was asked for. */
  readonly to: number;
  readonly rest: Rest | undefined;
}

/** Undefined when nothing passed then, or nothing of it is left. */
export async function saidIn(stream: number, span: Span, reader: BlockReader): Promise<Said | undefined> {
  const blocks = reader.blocks().filter(({ table }) => table.hasStream(stream));
  let first = blocks.findIndex(({ lastAt }) => lastAt >= span.from);
  if (first === -1) return undefined;
  const log = new Log(stream, span);
  let next = first;
  for (; next < blocks.length && next - first < BLOCKS && !log.isClosed; next += 1) {
    const block = blocks[next];
    if (block !== undefined && (block.firstAt <= span.to || log.isWithin)) await log.add(block, reader);
    else break;
  }
  if (!log.isWithin) return undefined;
  for (let back = 0; back < BLOCKS && first > 0 && !log.canBegin; back += 1) {
    first -= 1;
    const block = blocks[first];
    if (block !== undefined) await log.add(block, reader);
  }
  return log.said();
}

/** Of one connection at two times: decoding begins at the earlier one, and only the state there counts. */
export function bothOf(one: Said, other: Said): Said {
  const beginOf = ({ records }: Said): number => records[0]?.segment.sequence ?? Infinity;
  const [first, second] = beginOf(one) <= beginOf(other) ? [one, other] : [other, one];
  const { to, rest } = one.to >= other.to ? one : other;
  return { front: first.front, records: [...first.records, ...second.records], to, rest };
}

class Log {
  readonly #stream: number;
  readonly #span: Span;
  #protocol = '';
  #heads = new Map<number, Stored>();
  #passed: readonly Stored[] = [];
  #states: readonly Stored[] = [];

  constructor(stream: number, span: Span) {
    this.#stream = stream;
    this.#span = span;
  }

  async add(block: Block, reader: BlockReader): Promise<void> {
    const content = await reader.load(block);
    if (content === undefined) return;
    this.#protocol ||= content.notes.get(this.#stream)?.protocol ?? '';
    const records = recordsIn(block, content, (stream) => stream === this.#stream);
    const heads = records.filter(({ segment }) => segment.kind !== 'state' && !isPassed(segment));
    for (const head of heads) this.#keepHead(head);
    this.#states = byPlace([...this.#states, ...records.filter(({ segment }) => segment.kind === 'state')]);
    this.#passed = byPlace([...this.#passed, ...records.filter(({ segment }) => isPassed(segment))]);
  }

  /** Something passed meanwhile. */
  get isWithin(): boolean {
    return this.#passed.some(({ segment }) => segment.at >= this.#span.from && segment.at <= this.#span.to);
  }

  /** The end is known: an anchor lies behind it. */
  get isClosed(): boolean {
    return this.#passed.some(({ segment }) => segment.at > this.#span.to && (isAnchor(segment) || !this.#isAnchored));
  }

  /** The beginning is known, and what decoding needs there. */
  get canBegin(): boolean {
    const begin = this.#passed[this.#begin];
    if (begin === undefined || !this.#hasHeads) return false;
    if (!this.#isAnchored || this.#isFromStart) return true;
    return isAnchor(begin.segment) && this.#checkpoint(begin) !== undefined;
  }

  said(): Said {
    const from = this.#begin;
    const until = this.#passed.findIndex(
      ({ segment }) => segment.at > this.#span.to && (isAnchor(segment) || !this.#isAnchored),
    );
    const records = this.#passed.slice(from, until === -1 ? undefined : until);
    const [begin] = records;
    const heads = [...this.#heads.values()].toSorted((one, other) => one.segment.sequence - other.segment.sequence);
    const after = records.at(-1)?.segment.sequence ?? 0;
    const isDone = until !== -1 && this.#hasHeads;
    return {
      front: [...heads.map(({ bytes }) => bytes), ...(begin === undefined ? [] : this.#stateBefore(begin))],
      records,
      to: this.#span.to,
      rest: isDone ? undefined : { stream: this.#stream, after, to: this.#span.to, headless: !this.#hasHeads },
    };
  }

  get #isAnchored(): boolean {
    return conversationProtocol(this.#protocol) !== undefined;
  }

  get #hasHeads(): boolean {
    return this.#heads.has(0);
  }

  /** The connection's own beginning is among what was read. */
  get #isFromStart(): boolean {
    const opened = this.#heads.get(0);
    return opened !== undefined && !isRepeated(opened.segment);
  }

  /** Index of the record to begin with: the first one meanwhile, or the last anchor before when something was pending then. */
  get #begin(): number {
    let begin = this.#passed.findIndex(({ segment }) => segment.at >= this.#span.from);
    if (!this.#isAnchored) return begin;
    while (begin > 0 && !isAnchorAt(this.#passed, begin)) begin -= 1;
    return begin;
  }

  #keepHead(head: Stored): void {
    const known = this.#heads.get(head.segment.sequence);
    if (known === undefined || isRepeated(known.segment)) this.#heads.set(head.segment.sequence, head);
  }

  /** Sequence at which the state was noted last, not behind this record. */
  #checkpoint({ segment }: Stored): number | undefined {
    return this.#states.findLast((state) => state.segment.sequence <= segment.sequence)?.segment.sequence;
  }

  /** Worked out from where it was noted by a tracker that follows what passed since, as src/recorder/checkpoints.ts does. */
  #stateBefore(begin: Stored): readonly Uint8Array[] {
    const tracker = conversationProtocol(this.#protocol)?.createTracker();
    const noted = this.#checkpoint(begin);
    if (tracker === undefined || (noted === undefined && !this.#isFromStart)) return [];
    const stated = this.#states.filter(({ segment }) => segment.sequence === noted);
    if (noted === begin.segment.sequence) return stated.map(({ bytes }) => bytes);
    for (const { segment } of stated) {
      tracker.bytes(segment.payload[0] === 1 ? 'server' : 'client', segment.payload.subarray(1));
    }
    let expected = noted;
    for (const { segment } of this.#passed) {
      if (segment.sequence < (noted ?? 0) || segment.sequence >= begin.segment.sequence) continue;
      if (expected !== undefined && segment.sequence !== expected) tracker.gap();
      expected = segment.sequence + 1;
      if (segment.kind === 'message') feed(tracker, segment.payload);
    }
    return tracker.state().map(({ side, bytes }) => stateRecord(begin, side, bytes));
  }
}

function isAnchorAt(records: readonly Stored[], index: number): boolean {
  const record = records[index];
  return record !== undefined && isAnchor(record.segment);
}

function stateRecord({ segment }: Stored, side: 'client' | 'server', bytes: Uint8Array): Uint8Array {
  const payload = Buffer.concat([Uint8Array.of(side === 'client' ? 0 : 1), bytes]);
  const { stream, sequence, at } = segment;
  return encodeSegments([{ kind: 'state', stream, sequence, at, flags: 0, openInbound: 0, owner: 0, payload }]);
}

function byPlace(records: readonly Stored[]): readonly Stored[] {
  return records.toSorted((one, other) => one.place - other.place);
}
