/** Decides which exchanges are worth reading on the main thread, and copies them out for it, within a budget. */
import type { Clock } from '../domain/clock.ts';
import type { RecorderId } from '../domain/ids.ts';
import { findInBody, type BodyBytes } from './body-search.ts';
import type { Entry } from './entry.ts';
import { nameOf } from './entry-keys.ts';
import type { Holding } from './holding.ts';
import type { Ask, Inspection, InspectionAnswer, InspectionStats, LeftUnread } from './inspection.ts';
import type { RecorderLimits } from './options.ts';
import { copyRecords, emptySelection } from './selection.ts';
import { storedOf } from './streams.ts';
import type { Stream } from './streams.ts';

export interface InspectionsPort {
  readonly holding: Holding;
  readonly clock: Clock;
  readonly limits: RecorderLimits;
  readonly recorderId: RecorderId;
  /** Takes an inspection and its buffer over. Undefined: nobody reads bodies. */
  readonly emit: ((inspection: Inspection) => void) | undefined;
  readonly keep: (entry: Entry, at: number) => void;
  /** Every question about a transaction is answered with no. */
  readonly cleared: (entry: Entry) => void;
}

/** Questions without an answer; the main thread is far behind when there are so many. */
const WAITING = 1000;
const SECOND_MS = 1000;

export class Inspections {
  readonly #port: InspectionsPort;
  readonly #waiting = new Map<number, Stream>();
  readonly #left: Record<LeftUnread, number> = { budget: 0, large: 0, cut: 0, aged: 0 };
  #idle: (() => void) | undefined;
  #lastId = 0;
  #ruledOut = 0;
  #bytes = 0;
  #answered = 0;
  #kept = 0;
  #second = { since: 0, count: 0, bytes: 0 };

  constructor(port: InspectionsPort) {
    this.#port = port;
  }

  /** An exchange is done and somebody asks of its bodies: copies it out if one of the asks may have a yes. */
  consider(stream: Stream, asks: readonly Ask[], at: number): void {
    const { entry } = stream;
    const { emit, holding, recorderId } = this.#port;
    if (asks.length === 0 || emit === undefined || entry === undefined) return;
    const transaction = nameOf(entry);
    if (transaction === undefined) return;
    const sides = new Set(asks.flatMap(({ clues }) => clues.map(({ side }) => side)));
    const unreadable = this.#unreadable(stream, sides);
    if (unreadable !== undefined) return this.#leave(unreadable);
    const open = asks.filter((ask) => this.#mayHold(stream, ask));
    if (open.length === 0) return this.#ruleOut();
    const selection = emptySelection();
    selection.pinned.push(...stream.pinned);
    let bytes = 0;
    holding.walk(stream, (position) => {
      selection.positions.push(position);
      bytes += holding.ring.bytesOf(position);
      return true;
    });
    if (!this.#afford(bytes, at)) return this.#leave('budget');
    this.#lastId += 1;
    this.#waiting.set(this.#lastId, stream);
    entry.inspecting += 1;
    this.#bytes += bytes;
    const kinds = [...new Set(open.map(({ kind }) => kind))];
    const records = copyRecords(holding, selection);
    emit({ id: this.#lastId, recorder: recorderId, transaction, asks: kinds, records });
  }

  /** An id that is not known is ignored. */
  answered({ id, keep }: InspectionAnswer): void {
    const stream = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#idle?.();
    if (stream === undefined) return;
    this.#answered += 1;
    const { entry } = stream;
    if (entry === undefined) return;
    entry.inspecting -= 1;
    if (keep) {
      this.#kept += 1;
      if (!entry.forgotten) this.#port.keep(entry, this.#port.clock.now());
    } else if (entry.inspecting === 0 && !entry.forgotten) this.#port.cleared(entry);
  }

  /** Resolves once nothing waits for an answer. */
  async idle(): Promise<void> {
    if (this.#waiting.size === 0) return;
    await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  stats(): InspectionStats {
    const { budget, large, cut, aged } = this.#left;
    return {
      ruledOut: this.#ruledOut,
      sent: this.#lastId,
      bytes: this.#bytes,
      answered: this.#answered,
      kept: this.#kept,
      left: { budget, large, cut, aged },
    };
  }

  #unreadable(stream: Stream, sides: ReadonlySet<'client' | 'server'>): LeftUnread | undefined {
    if (stream.lost > 0) return 'aged';
    for (const side of sides) {
      if (stream.cut[side] > 0) return 'cut';
      if (storedOf(stream, side) > this.#port.limits.inspectionBytes) return 'large';
    }
    return undefined;
  }

  #mayHold(stream: Stream, { clues }: Ask): boolean {
    const body = (side: 'client' | 'server'): BodyBytes => ({ holding: this.#port.holding, stream, side });
    return clues.every(({ side, text }) => findInBody(body(side), text));
  }

  #afford(bytes: number, at: number): boolean {
    const { inspectionsPerSecond, inspectionBytesPerSecond } = this.#port.limits;
    if (at - this.#second.since >= SECOND_MS || at < this.#second.since)
      this.#second = { since: at, count: 0, bytes: 0 };
    const second = this.#second;
    if (this.#waiting.size >= WAITING || second.count >= inspectionsPerSecond) return false;
    if (second.bytes + bytes > inspectionBytesPerSecond) return false;
    second.count += 1;
    second.bytes += bytes;
    return true;
  }

  #leave(why: LeftUnread): void {
    this.#left[why] += 1;
  }

  #ruleOut(): void {
    this.#ruledOut += 1;
  }
}
