/** Exchanges at each instance in the order they began, and which of them began a transaction that somebody else's request may have caused. */
import { OUT_OF_ORDER_MS } from '../domain/out-of-order.ts';
import type { Entry } from './entry.ts';
import type { Instance } from './instances.ts';
import type { Stream } from './streams.ts';

/** Calls of one Envoy reach the recorder over several connections: order between them may be off by so much. Milliseconds. */
const ORDER_MS = 2_000;
/** A request that was answered so long before a call may still have made it. Milliseconds. */
export const ANSWERED_MS = 2_000;
/** Of a kept request, calls that begin so long behind its answer are looked at. Milliseconds. */
export const AFTERWARDS_MS = 500;
/** Exchanges remembered at one instance: at 50 requests at once of 20 calls each, the last few seconds. */
const REMEMBERED = 2_048;
/** So many are never looked through: with the half that is let go of, those go that the index has forgotten. */
const MOST = 2 * REMEMBERED;

/** From so many on, those that the index has forgotten are let go of: they would outlive it, as many at each of hundreds of instances. */
const SWEPT = 64;
const LET_GO = 16;

/** Exchanges of one instance. */
export interface SeenExchanges {
  /** In the order they began. */
  readonly streams: Stream[];
  /** The index has forgotten all before this place. It forgets in about the order in which they began. */
  first: number;
  /** Length at which it is looked through for others. */
  sweepAt: number;
}

/** Unix ms, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export class Orphans {
  add(stream: Stream): void {
    const seen = (stream.instance.seen ??= { streams: [], first: 0, sweepAt: SWEPT });
    const { streams } = seen;
    streams.push(stream);
    for (let next = streams[seen.first]; next !== undefined && !isKnown(next); next = streams[seen.first])
      seen.first += 1;
    if (seen.first >= LET_GO && seen.first * 4 >= streams.length) letGo(seen);
    if (streams.length >= MOST) letGoOldest(seen);
    else if (streams.length >= seen.sweepAt) sweep(seen);
  }

  /** Inbound exchanges of other transactions that were open at the instance in that time, or had been answered no longer than `agoMs` before. */
  callers(instance: Instance, { from, to }: Span, besides: Entry | undefined, agoMs: number): readonly Stream[] {
    return this.#known(instance, besides).filter(
      ({ vantage, startedAt, endedAt }) =>
        vantage.direction === 'inbound' && startedAt - OUT_OF_ORDER_MS <= to && endedAt + agoMs >= from,
    );
  }

  /** Outbound exchanges without context that began there in that time. */
  begunIn(instance: Instance, { from, to }: Span, besides: Entry | undefined): readonly Stream[] {
    return this.#known(instance, besides).filter(
      (stream) => stream.startedAt >= from - OUT_OF_ORDER_MS && stream.startedAt <= to && this.isOrphan(stream),
    );
  }

  /** No inbound exchange of its instance is in its transaction: what made it, if anything, does not pass context on. */
  isOrphan(stream: Stream): boolean {
    const { entry, vantage, instance, startedAt } = stream;
    if (entry === undefined || vantage.direction !== 'outbound' || stream.attempt) return false;
    for (const other of entry.streams) {
      if (other.instance !== instance || other.vantage.direction !== 'inbound') continue;
      if (other.startedAt <= startedAt + ORDER_MS) return false;
    }
    return true;
  }

  /** Still in the index, and an exchange of its own. */
  #known(instance: Instance, besides: Entry | undefined): readonly Stream[] {
    const streams = instance.seen?.streams ?? [];
    return streams.filter((stream) => isKnown(stream) && stream.entry !== besides);
  }
}

/** Of those before the first that is known. */
function letGo(seen: SeenExchanges): void {
  const { streams, first } = seen;
  // Array.copyWithin asks for each as for any property: fifty times as long.
  for (let at = first; at < streams.length; at += 1) streams[at - first] = streams[at] as Stream;
  streams.length -= first;
  beganAnew(seen);
}

/** Of nearly all of them nothing is in the processor's caches any more. */
function letGoOldest(seen: SeenExchanges): void {
  seen.first = seen.streams.length - REMEMBERED;
  letGo(seen);
}

/** In place: a busy instance is looked through thousands of times. */
function sweep(seen: SeenExchanges): void {
  const { streams } = seen;
  let kept = 0;
  for (const stream of streams) {
    if (!isKnown(stream)) continue;
    streams[kept] = stream;
    kept += 1;
  }
  streams.length = kept;
  beganAnew(seen);
}

function beganAnew(seen: SeenExchanges): void {
  seen.first = 0;
  seen.sweepAt = Math.max(SWEPT, 2 * seen.streams.length);
}

function isKnown(stream: Stream): boolean {
  const { attempt, entry } = stream;
  return !attempt && entry !== undefined && !entry.forgotten && entry.streams.has(stream);
}
