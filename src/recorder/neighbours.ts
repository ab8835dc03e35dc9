/**
 * What a kept transaction takes along so that it can be found out which calls without context were made for it, and for whom it was made
 * itself: exchanges of other transactions at the same instances and times. They are copied, not kept: whoever adopts one asks for it by its key.
 */
import type { Clock } from '../domain/clock.ts';
import { foldPath } from '../domain/route.ts';
import type { ArrivalOrder } from './arrival.ts';
import type { Entry } from './entry.ts';
import { keysOf, nameOf } from './entry-keys.ts';
import type { Holding } from './holding.ts';
import type { Instance } from './instances.ts';
import type { RecorderLimits } from './options.ts';
import type { Span } from './orphans.ts';
import { AFTERWARDS_MS, ANSWERED_MS, Orphans } from './orphans.ts';
import type { Around, Neighbour } from './part.ts';
import { aliasesOf } from './parts.ts';
import { PropagationRecord } from './propagation.ts';
import { requestOf } from './request.ts';
import type { Selection } from './selection.ts';
import { copyRecords, emptySelection } from './selection.ts';
import type { Stream } from './streams.ts';

/** A neighbour that is larger comes with the one exchange that matters. Bytes. */
const WHOLE_BYTES = 128 * 1024;
/** Of a larger exchange come so many bytes of its beginning, where values stand that flow, and its last small records, which say how it ended. */
const BEGINNING_BYTES = 64 * 1024;
/** Of each that would take half of what room is left: heads, and what comes right behind them. */
const BRIEF_BYTES = 4 * 1024;
const LAST_RECORDS = 4;
/** After a loss, or the start, it is not certain for so long who was open. Milliseconds. */
const GAP_MS = 2_000;

export interface NeighboursPort {
  readonly holding: Holding;
  readonly clock: Clock;
  readonly limits: RecorderLimits;
  readonly order: ArrivalOrder;
}

export class Neighbours {
  readonly #port: NeighboursPort;
  readonly #orphans = new Orphans();
  readonly #propagation = new PropagationRecord();
  #gapAt: number;
  #room: number;
  #roomAt: number;

  constructor(port: NeighboursPort) {
    this.#port = port;
    this.#gapAt = port.clock.now();
    this.#roomAt = this.#gapAt;
    this.#room = port.limits.neighbourBytesPerSecond;
  }

  /** An exchange has found its transaction. */
  joined(stream: Stream): void {
    if (stream.attempt) return;
    this.#orphans.add(stream);
    if (stream.vantage.direction === 'outbound') stream.served = stream.instance.openInbound > 0;
  }

  /** Something was not recorded at all: for a while nobody can be said to have been alone. */
  missed(): void {
    this.#gapAt = this.#port.clock.now();
  }

  /** A transaction came to rest: now it is known what its outbound exchanges share with inbound ones. */
  rested(entry: Entry): void {
    const { only } = entry.streams;
    if (only !== undefined) this.#judge(only);
    else for (const stream of entry.streams) this.#judge(stream);
  }

  #judge(stream: Stream): void {
    const { served } = stream;
    if (served === undefined) return;
    stream.served = undefined;
    const carried = !this.#orphans.isOrphan(stream);
    if (!carried && !this.#isCertain(stream, served)) return;
    this.#propagation.note(stream.vantage.service, carried ? '' : this.#kindOf(stream), { served, carried });
  }

  /** Whether something is told by the order in which messages of different connections come. `at`: Unix ms. */
  orderMatters(at: number): boolean {
    return this.#port.order.matters(at);
  }

  /** That nobody was served when a call without context was made is known while such calls are expected: else a sleep may hide who was. */
  #isCertain({ startedAt }: Stream, served: boolean): boolean {
    const { order, clock } = this.#port;
    const now = clock.now();
    order.callWithoutContext(now);
    return served || order.hasMatteredSince(startedAt, now);
  }

  /** True while a request that may have caused this transaction has no answer yet: only then it is known who did. */
  awaitsCallers(entry: Entry): boolean {
    for (const stream of entry.streams) {
      if (!this.#orphans.isOrphan(stream)) continue;
      const span = { from: stream.startedAt, to: stream.startedAt };
      if (this.#orphans.callers(stream.instance, span, entry, 0).some(({ endedAt }) => endedAt === Infinity))
        return true;
    }
    return false;
  }

  /** `whole`: there is no time to ask for the callers later, so they come along as they are. */
  around(entry: Entry, whole: boolean): Around | undefined {
    const scenes = this.#scenesOf(entry);
    const streams = [...scenes].flatMap(([instance, span]) => this.#inScene(instance, span, entry));
    const own = [...entry.streams].filter((stream) => this.#orphans.isOrphan(stream));
    if (streams.length === 0 && own.length === 0) return undefined;
    const { neighbours, leftOut } = this.#copies(streams, whole);
    const services = new Set([...scenes.keys()].map(({ service }) => service));
    const orphans = [...own, ...streams.filter(({ vantage }) => vantage.direction === 'outbound')];
    const from = Math.min(...[...scenes.values()].map((span) => span.from));
    return {
      neighbours,
      leftOut,
      services: Object.fromEntries([...services].map((service) => [service, this.#propagation.of(service)])),
      lonely: orphans.filter((stream) => this.#propagation.isLonely(this.#kindOf(stream))).map(({ number }) => number),
      gapless: from - this.#gapAt > GAP_MS,
    };
  }

  /** Where something of the transaction may lead on: at an inbound exchange's instance meanwhile, and around what it began with. */
  #scenesOf(entry: Entry): ReadonlyMap<Instance, Span> {
    const now = this.#port.clock.now();
    const scenes = new Map<Instance, Span>();
    const widen = (instance: Instance, span: Span): void => {
      const known = scenes.get(instance) ?? span;
      scenes.set(instance, { from: Math.min(known.from, span.from), to: Math.max(known.to, span.to) });
    };
    for (const stream of entry.streams) {
      if (stream.attempt) continue;
      const { instance, startedAt, endedAt, vantage } = stream;
      if (vantage.direction === 'inbound')
        widen(instance, { from: startedAt, to: Math.min(endedAt + AFTERWARDS_MS, now) });
      else if (this.#orphans.isOrphan(stream)) {
        const at = { from: startedAt, to: startedAt };
        widen(instance, at);
        for (const caller of this.#orphans.callers(instance, at, entry, 0))
          widen(instance, { from: caller.startedAt, to: Math.min(caller.endedAt, now) });
      }
    }
    return scenes;
  }

  /** Callers matter where calls without context were made, or commands. */
  #inScene(instance: Instance, span: Span, entry: Entry): readonly Stream[] {
    const calls = this.#orphans.begunIn(instance, span, entry);
    const own = [...entry.streams].filter((stream) => stream.instance === instance && this.#orphans.isOrphan(stream));
    if (calls.length === 0 && own.length === 0 && instance.conversations.size === 0) return [];
    const before = own.flatMap(({ startedAt }) =>
      this.#orphans.callers(instance, { from: startedAt, to: startedAt }, entry, ANSWERED_MS),
    );
    return [...new Set([...before, ...this.#orphans.callers(instance, span, entry, 0), ...calls])];
  }

  /** By transaction. A call comes with all that it led to, a caller by itself. */
  #copies(streams: readonly Stream[], whole: boolean): { neighbours: readonly Neighbour[]; leftOut: number } {
    const { holding, limits } = this.#port;
    const { neighbourCount, neighbourBytes } = limits;
    const neighbours: Neighbour[] = [];
    let left = Math.min(neighbourBytes, this.#roomNow());
    let leftOut = 0;
    for (const [entry, own] of Map.groupBy(streams, (stream) => stream.entry)) {
      const transaction = entry && nameOf(entry);
      if (entry === undefined || transaction === undefined) continue;
      const full = this.#select(this.#chosen(entry, own, whole), BEGINNING_BYTES);
      // Measured before it is copied: what is left out may be all that the ring holds, again for each failure. Large ones leave room for others.
      const size = sizeOf(full, holding);
      const selection = size > BRIEF_BYTES && size > left / 2 ? this.#select(own, BRIEF_BYTES) : full;
      if (neighbours.length >= neighbourCount || sizeOf(selection, holding) > left) {
        leftOut += 1;
        continue;
      }
      const records = copyRecords(holding, selection);
      left -= records.length;
      this.#room -= records.length;
      neighbours.push({ transaction, aliases: aliasesOf(keysOf(entry), transaction), records });
    }
    return { neighbours, leftOut };
  }

  #chosen(entry: Entry, own: readonly Stream[], whole: boolean): Iterable<Stream> {
    const led = own.some(({ vantage }) => vantage.direction === 'outbound');
    return (led || whole) && entry.heldBytes <= WHOLE_BYTES ? entry.streams : own;
  }

  #select(streams: Iterable<Stream>, beginningBytes: number): Selection {
    const selection = emptySelection();
    for (const stream of streams) {
      selection.pinned.push(...stream.pinned);
      selection.positions.push(...this.#excerpt(stream, beginningBytes));
    }
    return selection;
  }

  /** Places of its records; of a large exchange's, the first and the last. Who adopts it asks for all of it. */
  #excerpt(stream: Stream, beginningBytes: number): readonly number[] {
    const { ring } = this.#port.holding;
    const positions: number[] = [];
    this.#port.holding.walk(stream, (position) => positions.push(position) > 0);
    positions.reverse();
    let bytes = 0;
    const size = positions.reduce((sum, position) => sum + ring.bytesOf(position), 0);
    if (size <= 2 * beginningBytes) return positions;
    return positions.filter((position, index) => {
      bytes += ring.bytesOf(position);
      const isLast = index >= positions.length - LAST_RECORDS && ring.bytesOf(position) <= BRIEF_BYTES;
      return bytes <= beginningBytes || isLast;
    });
  }

  /** What neighbours may take now of their bytes per second. */
  #roomNow(): number {
    const { limits, clock } = this.#port;
    const now = clock.now();
    const gained = ((now - this.#roomAt) / 1000) * limits.neighbourBytesPerSecond;
    this.#roomAt = now;
    this.#room = Math.min(limits.neighbourBytesPerSecond, this.#room + gained);
    return this.#room;
  }

  #kindOf(stream: Stream): string {
    const request = requestOf(stream, this.#port.holding.ring);
    if (request === undefined) return '';
    return `${stream.vantage.service} ${request.authority} ${request.method} ${foldPath(request.path)}`;
  }
}

/** Bytes that copies of it take. */
function sizeOf({ pinned, positions }: Selection, { ring }: Holding): number {
  const outside = pinned.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return positions.reduce((sum, position) => sum + ring.bytesOf(position), outside);
}
