import { OUT_OF_ORDER_MS } from '../domain/out-of-order.ts';
import { SegmentFlag } from '../domain/segment.ts';
import type { Segment } from '../domain/segment.ts';
import { encodeGap, encodeSegments } from '../wire/segments/record.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { TrackedConversation } from './conversations.ts';
import { isTrace, keysOf } from './entry-keys.ts';
import type { Rest } from './history.ts';
import type { Holding } from './holding.ts';
import { Mark } from './ring.ts';
import type { Span } from './orphans.ts';
import type { Selection } from './selection.ts';
import type { Stream } from './streams.ts';

/** Which bytes of which connections belong beside a transaction's exchanges. */
export class Ranges {
  readonly #holding: Holding;
  readonly #checkpoints: Checkpoints;
  readonly #limit: number;

  /** `limit`: bytes that one part may bring along. */
  constructor(holding: Holding, checkpoints: Checkpoints, limit: number) {
    this.#holding = holding;
    this.#checkpoints = checkpoints;
    this.#limit = limit;
  }

  /**
   * Adds, for every inbound exchange given, what passed on the connections of its instance meanwhile, with what says who speaks and the
   * connection's state in front. Begins earlier when something was pending at its start, at the last anchor before; ends at the first
   * anchor after its end.
   */
  select(exchanges: Iterable<Stream>, into: Selection): void {
    const chosen = new Map<Stream, Set<number>>();
    for (const exchange of exchanges) {
      if (exchange.vantage.direction !== 'inbound') continue;
      for (const stream of exchange.instance.conversations) {
        if (stream.conversation?.unrecorded === true) this.#addUnrecorded(stream, exchange, into);
        const positions = this.#range(stream, this.#spanOf(exchange, stream));
        if (positions.length === 0) continue;
        chosen.set(stream, new Set([...(chosen.get(stream) ?? []), ...positions]));
      }
    }
    let left = this.#limit;
    for (const [stream, positions] of chosen)
      left -= this.#add(
        stream,
        [...positions].toSorted((one, other) => one - other),
        left,
        into,
      );
  }

  /** Start-up of a connection: all that is marked as prologue, with its heads. */
  selectPrologue(stream: Stream, conversation: TrackedConversation): Selection {
    const positions: number[] = [];
    this.#holding.walk(stream, (position) => {
      if (this.#holding.ring.hasMark(position, Mark.prologue)) positions.push(position);
      return true;
    });
    positions.push(...conversation.heads.filter((position) => this.#holding.ring.has(position)));
    return { pinned: [...stream.pinned], restated: [], positions };
  }

  /** What memory has of a connection behind what history gave of it. */
  selectRest(stream: Stream, { after, to, headless }: Rest, into: Selection): void {
    const { ring } = this.#holding;
    let positions: number[] = [];
    this.#holding.walk(stream, (position) => {
      if (ring.sequenceOf(position) <= after) return false;
      if (ring.hasMark(position, Mark.head)) return true;
      const anchor = (ring.flagsOf(position) & SegmentFlag.anchor) !== 0;
      if (ring.atOf(position) > to && anchor) positions = [];
      else positions.push(position);
      return true;
    });
    if (positions.length === 0 && !headless) return;
    into.pinned.push(...stream.pinned.filter((record) => !record.prologue));
    into.positions.push(...(stream.conversation?.heads ?? []).filter((position) => ring.has(position)));
    this.#fill(stream, positions.reverse(), this.#limit, into);
  }

  /** A connection of which nothing was recorded was there meanwhile: that it was is said. */
  #addUnrecorded(stream: Stream, { startedAt, endedAt }: Stream, into: Selection): void {
    if (stream.startedAt > endedAt || stream.endedAt < startedAt) return;
    for (const record of stream.pinned) if (!into.pinned.includes(record)) into.pinned.push(record);
    into.positions.push(...(stream.conversation?.heads ?? []).filter((position) => this.#holding.ring.has(position)));
  }

  /** While the exchange was open; longer where a command that names its trace was read out of order. */
  #spanOf({ entry, startedAt, endedAt }: Stream, connection: Stream): Span {
    const span = { from: startedAt, to: endedAt };
    const trace = entry && keysOf(entry).find(isTrace);
    if (trace === undefined) return span;
    const { ring } = this.#holding;
    const named = trace.slice(trace.indexOf(':') + 1);
    const [from, to] = [startedAt - OUT_OF_ORDER_MS, endedAt + OUT_OF_ORDER_MS];
    this.#holding.walk(connection, (position) => {
      const at = ring.atOf(position);
      const isBeside = at >= from && at <= to && (at < span.from || at > span.to);
      if (isBeside && names(ring.read(position), named)) {
        span.from = Math.min(span.from, at);
        span.to = Math.max(span.to, at);
      }
      return at >= from;
    });
    return span;
  }

  /** Newest first. Empty when nothing passed between `from` and `to` (Unix ms). */
  #range(stream: Stream, { from, to }: Span): readonly number[] {
    const { ring } = this.#holding;
    // Without a protocol there are no anchors to go back to: what passed before is of no use then.
    const anchored = stream.conversation?.tracker !== undefined;
    let positions: number[] = [];
    let within = false;
    let canStart = !anchored;
    this.#holding.walk(stream, (position) => {
      if (ring.hasMark(position, Mark.head)) return true;
      const at = ring.atOf(position);
      if (at < from && canStart) return false;
      const anchor = (ring.flagsOf(position) & SegmentFlag.anchor) !== 0;
      if (at > to && anchor) positions = [];
      else positions.push(position);
      within ||= at >= from && at <= to;
      canStart = anchor || !anchored;
      return true;
    });
    return within ? positions : [];
  }

  #add(stream: Stream, positions: readonly number[], left: number, into: Selection): number {
    const { conversation } = stream;
    const [first] = positions;
    if (conversation === undefined || first === undefined) return 0;
    into.pinned.push(...stream.pinned.filter((record) => !record.prologue));
    into.positions.push(...conversation.heads.filter((position) => this.#holding.ring.has(position)));
    for (const { side, bytes } of this.#checkpoints.stateAt(conversation, first)) {
      into.restated.push(
        this.#restate(stream, first, 'state', Buffer.concat([Uint8Array.of(side === 'client' ? 0 : 1), bytes])),
      );
    }
    const taken = this.#fill(stream, positions, left, into);
    this.#restateCut(stream, positions, into);
    return taken;
  }

  /** What was left out so far of an answer that still goes on: the gap itself is written at its end. */
  #restateCut(stream: Stream, positions: readonly number[], into: Selection): void {
    const last = positions.at(-1);
    if (last !== stream.newest) return;
    for (const side of ['client', 'server'] as const) {
      const bytes = stream.cut[side];
      if (bytes > 0)
        into.restated.push(this.#restate(stream, last, 'gap', encodeGap({ side, reason: 'budget', bytes }), 1));
    }
  }

  /** As many as fit, oldest first; a gap stands for the rest. Returns the bytes taken. */
  #fill(stream: Stream, positions: readonly number[], left: number, into: Selection): number {
    const { ring } = this.#holding;
    let taken = 0;
    for (const [index, position] of positions.entries()) {
      const size = ring.bytesOf(position);
      if (taken + size > left) {
        const bytes = positions.slice(index).reduce((sum, beyond) => sum + ring.bytesOf(beyond), 0);
        into.restated.push(
          this.#restate(stream, position, 'gap', encodeGap({ side: 'server', reason: 'budget', bytes })),
        );
        break;
      }
      into.positions.push(position);
      taken += size;
    }
    return taken;
  }

  /** A record that stands just before the one at `position`, and carries its sequence; or so many behind. */
  #restate(stream: Stream, position: number, kind: Segment['kind'], payload: Uint8Array, behind = 0): Uint8Array {
    const { ring } = this.#holding;
    const sequence = ring.sequenceOf(position) + behind;
    const at = ring.atOf(position);
    return encodeSegments([{ kind, stream: stream.number, sequence, at, flags: 0, openInbound: 0, owner: 0, payload }]);
  }
}

function names(record: Uint8Array | undefined, trace: string): boolean {
  return record !== undefined && Buffer.from(record.buffer, record.byteOffset, record.length).includes(trace, 'latin1');
}
