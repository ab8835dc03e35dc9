/** Exchanges at each instance in the order they began, and which of them began a transaction that somebody else's request may have caused. */
import type { Entry } from './entry.ts';
import type { Instance } from './instances.ts';
import type { Stream } from './streams.ts';

/** Calls of one Envoy reach the recorder over several connections: order between them may be off by so much. Milliseconds. */
const ORDER_MS = 2_000;
/** And within one Envoy, whose two sides mostly share one. */
const SLACK_MS = 25;
/** Work that goes on behind an answer is still its request's for so long. Milliseconds. */
const AFTERWARDS_MS = 2_000;
/** Exchanges remembered at one instance: at 50 requests at once of 20 calls each, the last few seconds. */
const REMEMBERED = 2_048;

/** Unix ms, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export class Orphans {
  readonly #seen = new WeakMap<Instance, Stream[]>();

  add(stream: Stream): void {
    const seen = this.#seen.get(stream.instance) ?? [];
    seen.push(stream);
    if (seen.length > REMEMBERED * 1.25) seen.splice(0, seen.length - REMEMBERED);
    this.#seen.set(stream.instance, seen);
  }

  /** Inbound exchanges of other transactions that were open at the instance in that time, or had just been. */
  callers(instance: Instance, { from, to }: Span, besides: Entry | undefined): readonly Stream[] {
    return this.#known(instance, besides).filter(
      ({ vantage, startedAt, endedAt }) =>
        vantage.direction === 'inbound' && startedAt - SLACK_MS <= to && endedAt + AFTERWARDS_MS >= from,
    );
  }

  /** Outbound exchanges without context that began there in that time. */
  begunIn(instance: Instance, { from, to }: Span, besides: Entry | undefined): readonly Stream[] {
    return this.#known(instance, besides).filter(
      (stream) =>
        stream.startedAt >= from - SLACK_MS && stream.startedAt <= to + AFTERWARDS_MS && this.isOrphan(stream),
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
    return (this.#seen.get(instance) ?? []).filter(
      (stream) =>
        !stream.attempt &&
        stream.entry !== undefined &&
        stream.entry !== besides &&
        !stream.entry.forgotten &&
        stream.entry.streams.has(stream),
    );
  }
}
