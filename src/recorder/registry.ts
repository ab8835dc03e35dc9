import type { RecorderId } from '../domain/ids.ts';
import { NumberTable } from '../domain/number-table.ts';
import { peekOwner } from '../wire/segments/peek.ts';
import type { Entry } from './entry.ts';
import { trackConversation } from './conversations.ts';
import { Fate } from './fates.ts';
import type { Holding } from './holding.ts';
import { Instances, type SeenSidecar } from './instances.ts';
import type { Logs } from './logs.ts';
import { Numbering } from './numbering.ts';
import type { CapturedCall } from './port.ts';
import { Refused } from './refused.ts';
import type { Settlement } from './settlement.ts';
import type { Spill } from './spill.ts';
import { Stream } from './streams.ts';
import { Transactions } from './transactions.ts';

/** Heap that one transaction and one stream take in the index, roughly: only there to bound it. */
const ENTRY_BYTES = 700;
const STREAM_BYTES = 1100;
/** Places of the table of streams, to begin with. */
const FEWEST_STREAMS = 1024;

/**
 * All streams that anything is known of. A stream is forgotten when it is done and nothing of it is held; its transaction with its last
 * stream. Age does that by itself; when the index is full, what was settled longest ago goes first.
 */
export class Registry {
  readonly transactions: Transactions;
  readonly numbering: Numbering;
  forgotten = 0;
  readonly #limit: number;
  readonly #streams = new NumberTable<Stream>(FEWEST_STREAMS);
  readonly #instances = new Instances();
  readonly #refused = new Refused(this.#instances);
  /** Done, and no transaction's: conversations, and calls that ended before they said anything. */
  readonly #loose = new Set<Stream>();
  /** Goes through them once: each new look from the front would pass by all that have left. */
  #oldestLoose = this.#loose.values();
  #holding: Holding | undefined;
  #settlement: Settlement | undefined;
  #logs: Logs | undefined;
  #spill: Spill | undefined;

  /** `limit`: bytes. `before`: numbers given before the first (numbering.ts). `keySeed`: of the table of keys. */
  constructor(limit: number, recorder: RecorderId, before: number, keySeed: number) {
    this.#limit = limit;
    this.transactions = new Transactions((from, into) => this.#settlement?.merged(from, into), keySeed);
    this.numbering = new Numbering({
      recorder,
      before,
      living: () => this.#living(),
      entered: () => this.#spill?.era(),
    });
  }

  attach(holding: Holding, settlement: Settlement, logs: Logs, spill: Spill | undefined): void {
    this.#holding = holding;
    this.#settlement = settlement;
    this.#logs = logs;
    this.#spill = spill;
  }

  /** A new number, and a stream for it unless the index is full of what is not settled. */
  open(call: CapturedCall, at: number): { readonly number: number; readonly stream?: Stream } {
    const number = this.numbering.next();
    while (this.bytes + STREAM_BYTES + ENTRY_BYTES > this.#limit)
      if (!this.#forgetOldest()) return this.#refuse(number, call, at);
    const instance = this.#instances.acquire(call.vantage, at);
    const conversation = call.protocol === 'http' ? undefined : trackConversation(call.protocol, instance);
    const stream = new Stream(number, call, instance, conversation, at);
    this.#streams.add(stream);
    return { number, stream };
  }

  /** Also those that a connection's beginning names as its owner: it goes along with what comes days later. */
  *#living(): Generator<number> {
    yield* this.#refused.numbers;
    for (const { number, pinned } of this.#streams) {
      yield number;
      for (const { bytes } of pinned) yield peekOwner(bytes);
    }
  }

  #refuse(number: number, call: CapturedCall, at: number): { readonly number: number } {
    this.#refused.opened(number, call, at);
    return { number };
  }

  /** The call of a stream that is not known is over: it may have been refused. */
  endedUnknown(number: number): void {
    this.#refused.ended(number);
  }

  find(number: number): Stream | undefined {
    return this.#streams.get(number);
  }

  get size(): number {
    return this.#streams.size;
  }

  get sidecars(): readonly SeenSidecar[] {
    return this.#instances.sidecars;
  }

  split(instances: readonly string[]): void {
    this.#instances.split(instances);
  }

  get instances(): number {
    return this.#instances.size;
  }

  /** Estimated heap of the index. */
  get bytes(): number {
    return this.#streams.size * STREAM_BYTES + this.transactions.size * ENTRY_BYTES;
  }

  done(stream: Stream): void {
    if (stream.entry === undefined) this.#loose.add(stream);
  }

  aging(entry: Entry): void {
    this.#settlement?.rescue(entry);
  }

  /** The ring holds nothing of this stream any more, and it is done. What is still pinned waits for its transaction to be settled. */
  emptied(stream: Stream): void {
    if (stream.conversation !== undefined || stream.pinned.length === 0) this.#forget(stream);
  }

  /** The transaction was settled: nothing of it is pinned any more. */
  sweep(entry: Entry): void {
    const { only } = entry.streams;
    if (only !== undefined) this.#forgetEmpty(only);
    else for (const stream of entry.streams) this.#forgetEmpty(stream);
    if (entry.streams.size === 0) this.#remove(entry);
  }

  #forget(stream: Stream): void {
    this.#holding?.unpin(stream, Fate.tossed);
    this.#spill?.forgotten(stream);
    this.#streams.delete(stream);
    this.#logs?.forget(stream);
    if (this.#loose.size > 0) this.#loose.delete(stream);
    if (stream.conversation !== undefined) {
      stream.instance.conversations.delete(stream);
      stream.instance.gathering.delete(stream);
    }
    this.#instances.release(stream.instance);
    const { entry } = stream;
    if (entry === undefined) return;
    entry.lost += stream.lost;
    entry.streams.delete(stream);
    if (entry.streams.size === 0 && !entry.fresh) this.#remove(entry);
  }

  #forgetEmpty(stream: Stream): void {
    if (stream.done && stream.held === 0) this.#forget(stream);
  }

  #remove(entry: Entry): void {
    this.transactions.remove(entry);
    this.#settlement?.forget(entry);
  }

  #forgetOldest(): boolean {
    if (this.#loose.size > 0) return this.#forgetLoose();
    const entry = this.#settlement?.takeOldest();
    if (entry === undefined) return false;
    this.forgotten += 1;
    const { only } = entry.streams;
    if (only !== undefined) this.#forget(only);
    else for (const stream of entry.streams) this.#forget(stream);
    this.#remove(entry);
    return true;
  }

  #forgetLoose(): boolean {
    let next = this.#oldestLoose.next();
    if (next.done === true) {
      this.#oldestLoose = this.#loose.values();
      next = this.#oldestLoose.next();
    }
    if (next.done === true) return false;
    this.#holding?.toss(next.value);
    this.#forget(next.value);
    return true;
  }
}
