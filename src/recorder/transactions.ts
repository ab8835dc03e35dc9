import { forgetOldest } from '../domain/bounded.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { Elsewhere } from './elsewhere.ts';
import { Entry, joinCaptured } from './entry.ts';
import { addKey, dropKey, hasKey, keysOf, traceOf } from './entry-keys.ts';
import { KeyTable } from './key-table.ts';
import type { Stream } from './streams.ts';

/** Request ids one trace may gather: Envoy draws a new one for every hop whose service does not pass it on. */
const KEYS_PER_ENTRY = 64;
/** Request ids remembered as ambiguous; the oldest is forgotten first. */
const AMBIGUOUS = 4096;

/** Transactions by every key they have shown. */
export class Transactions {
  readonly #entries: KeyTable<TransactionKey, Entry>;
  #made = 0;
  #size = 0;
  /** Request ids seen with two traces: clients send constant ones. They join nothing any more. */
  readonly #ambiguous = new Set<TransactionKey>();
  readonly #merged: (from: Entry, into: Entry) => void;
  /** Where other recorders may have parts of the same transactions. */
  elsewhere: Pick<Elsewhere, 'size' | 'joined' | 'doubted'> | undefined;

  /** `merged` is told of an entry that has gone into another one. */
  constructor(merged: (from: Entry, into: Entry) => void, seed = 0) {
    this.#merged = merged;
    this.#entries = new KeyTable(seed, hasKey);
  }

  find(key: TransactionKey): Entry | undefined {
    return this.#entries.get(key);
  }

  get size(): number {
    return this.#size;
  }

  /** Of a key, as an entry has it beside its own. */
  hashOf(key: TransactionKey): number {
    return this.#entries.hashOf(key);
  }

  /** In no order. */
  all(): Iterable<Entry> {
    return new Set(this.#entries.items());
  }

  /** The transaction of an exchange that carries these keys, best first: found, made, or merged of a trace and a request id. */
  join(first: TransactionKey, second: TransactionKey | undefined, at: number): Entry {
    const entry = this.#join(first, second, at);
    if (this.elsewhere !== undefined && this.elsewhere.size > 0)
      this.elsewhere.joined(entry, second === undefined ? [first] : [first, second], at);
    return entry;
  }

  #join(first: TransactionKey, second: TransactionKey | undefined, at: number): Entry {
    const hash = this.#entries.hashOf(first);
    const known = this.#entries.find(first, hash);
    if (second === undefined || this.#isAmbiguous(second)) return known ?? this.#create(first, hash, at);
    const requestHash = this.#entries.hashOf(second);
    const other = this.#entries.find(second, requestHash);
    if (known === undefined && other === undefined) {
      const entry = this.#create(first, hash, at);
      this.#name(entry, second, requestHash);
      return entry;
    }
    const entry = known ?? this.#adopt(first, hash, other) ?? this.#create(first, hash, at);
    if (other === undefined) this.#alias(entry, second, requestHash);
    else if (other !== entry) this.#meet(entry, second, other);
    return entry;
  }

  add(entry: Entry, stream: Stream): void {
    stream.entry = entry;
    entry.streams.add(stream);
  }

  remove(entry: Entry): void {
    if (entry.forgotten) return;
    this.#size -= 1;
    entry.forgotten = true;
    this.#entries.deleteOne(entry.firstHash, entry);
    if (entry.secondKey !== undefined) this.#entries.deleteOne(entry.secondHash, entry);
    for (const key of entry.moreKeys ?? []) this.#entries.deleteOne(this.#entries.hashOf(key), entry);
  }

  #create(key: TransactionKey, hash: number, at: number): Entry {
    this.#made += 1;
    this.#size += 1;
    const entry = new Entry(at, this.#made);
    this.#name(entry, key, hash);
    return entry;
  }

  #isAmbiguous(request: TransactionKey): boolean {
    return this.#ambiguous.size > 0 && this.#ambiguous.has(request);
  }

  /** A trace not seen before takes over what is indexed under the request id alone. */
  #adopt(trace: TransactionKey, hash: number, entry: Entry | undefined): Entry | undefined {
    if (entry === undefined || traceOf(entry) !== undefined) return undefined;
    this.#name(entry, trace, hash);
    return entry;
  }

  #alias(entry: Entry, request: TransactionKey, hash: number): void {
    if (keysOf(entry).length < KEYS_PER_ENTRY) this.#name(entry, request, hash);
  }

  /** `other` goes by the request id so far. */
  #meet(entry: Entry, request: TransactionKey, other: Entry): void {
    if (traceOf(other) !== undefined) this.#disown(other, request);
    else this.#merge(entry, other);
  }

  /** Of a request id that names two traces, one of them perhaps elsewhere. */
  doubt(request: TransactionKey): void {
    const entry = this.#entries.get(request);
    if (entry !== undefined && traceOf(entry) !== undefined) this.#forgetId(entry, request);
    this.#doubt(request);
  }

  /** The request id names two traces: it stays with neither. */
  #disown(entry: Entry, request: TransactionKey): void {
    this.#forgetId(entry, request);
    this.#doubt(request);
    this.elsewhere?.doubted(request);
  }

  #forgetId(entry: Entry, request: TransactionKey): void {
    this.#entries.deleteOne(this.#entries.hashOf(request), entry);
    dropKey(entry, request, (key) => this.#entries.hashOf(key));
  }

  #doubt(request: TransactionKey): void {
    this.#ambiguous.add(request);
    forgetOldest(this.#ambiguous, AMBIGUOUS);
  }

  #name(entry: Entry, key: TransactionKey, hash: number): void {
    addKey(entry, key, hash);
    this.#entries.put(key, hash, entry);
  }

  #merge(into: Entry, from: Entry): void {
    // What went well by itself is wanted now: every stream of it may have records that no part has.
    if (into.keep !== from.keep) for (const stream of (into.keep ? from : into).streams) stream.fresh = true;
    for (const stream of from.streams) this.add(into, stream);
    for (const key of keysOf(from)) this.#name(into, key, this.#entries.hashOf(key));
    into.open += from.open;
    into.era ??= from.era;
    into.lastAt = Math.max(into.lastAt, from.lastAt);
    into.keepSince =
      into.keep && from.keep ? Math.min(into.keepSince, from.keepSince) : into.keepSince + from.keepSince;
    into.keep ||= from.keep;
    into.fresh = true;
    into.heldBytes += from.heldBytes;
    into.lost += from.lost;
    into.inspecting += from.inspecting;
    into.sampled ||= from.sampled;
    into.shed &&= from.shed;
    into.asked ||= from.asked;
    into.elsewhere ||= from.elsewhere;
    if (from.purpose === 'failure') into.purpose = 'failure';
    into.resend ||= from.resend;
    into.captured = joinCaptured(into.captured, from.captured);
    from.streams.clear();
    from.forgotten = true;
    this.#size -= 1;
    this.#merged(from, into);
  }
}
