import { forgetOldest } from '../domain/bounded.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { Entry } from './entry.ts';
import { createEntry, isTrace, joinCaptured } from './entry.ts';
import type { Stream } from './streams.ts';

/** Request ids one trace may gather: Envoy draws a new one for every hop whose service does not pass it on. */
const KEYS_PER_ENTRY = 64;
/** Request ids remembered as ambiguous; the oldest is forgotten first. */
const AMBIGUOUS = 4096;

/** Transactions by every key they have shown. */
export class Transactions {
  readonly #entries = new Map<TransactionKey, Entry>();
  #size = 0;
  /** Request ids seen with two traces: clients send constant ones. They join nothing any more. */
  readonly #ambiguous = new Set<TransactionKey>();
  readonly #merged: (from: Entry, into: Entry) => void;

  /** `merged` is told of an entry that has gone into another one. */
  constructor(merged: (from: Entry, into: Entry) => void) {
    this.#merged = merged;
  }

  find(key: TransactionKey): Entry | undefined {
    return this.#entries.get(key);
  }

  get size(): number {
    return this.#size;
  }

  /** Each once: under the key it has had for longest. */
  *all(): Iterable<Entry> {
    for (const [key, entry] of this.#entries) if (entry.keys[0] === key) yield entry;
  }

  /** The transaction of an exchange that carries these keys, best first: found, made, or merged of a trace and a request id. */
  join([first, second]: readonly [TransactionKey, ...TransactionKey[]], at: number): Entry {
    const known = this.#entries.get(first);
    if (second === undefined || this.#isAmbiguous(second)) return known ?? this.#create([first], at);
    const other = this.#entries.get(second);
    if (known === undefined && other === undefined) return this.#create([first, second], at);
    const entry = known ?? this.#adopt(first, other) ?? this.#create([first], at);
    this.#alias(entry, second, other);
    return entry;
  }

  add(entry: Entry, stream: Stream): void {
    stream.entry = entry;
    entry.streams.add(stream);
  }

  remove(entry: Entry): void {
    if (!entry.forgotten) this.#size -= 1;
    entry.forgotten = true;
    for (const key of entry.keys) if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #create(keys: TransactionKey[], at: number): Entry {
    const entry = createEntry(at, keys);
    this.#size += 1;
    for (const key of keys) this.#entries.set(key, entry);
    return entry;
  }

  #isAmbiguous(request: TransactionKey): boolean {
    return this.#ambiguous.size > 0 && this.#ambiguous.has(request);
  }

  /** A trace not seen before takes over what is indexed under the request id alone. */
  #adopt(trace: TransactionKey, entry: Entry | undefined): Entry | undefined {
    if (entry === undefined || entry.keys.some(isTrace)) return undefined;
    this.#name(entry, trace);
    return entry;
  }

  /** `known`: what goes by the request id so far. */
  #alias(entry: Entry, request: TransactionKey, known: Entry | undefined): void {
    if (known === entry) return;
    if (known === undefined) {
      if (entry.keys.length < KEYS_PER_ENTRY) this.#name(entry, request);
    } else if (known.keys.some(isTrace)) {
      this.#disown(known, request);
    } else {
      this.#merge(entry, known);
    }
  }

  /** The request id names two traces: it stays with neither. */
  #disown(entry: Entry, request: TransactionKey): void {
    entry.keys.splice(entry.keys.indexOf(request), 1);
    this.#entries.delete(request);
    this.#ambiguous.add(request);
    forgetOldest(this.#ambiguous, AMBIGUOUS);
  }

  #name(entry: Entry, key: TransactionKey): void {
    entry.keys.push(key);
    this.#entries.set(key, entry);
  }

  #merge(into: Entry, from: Entry): void {
    // What went well by itself is wanted now: every stream of it may have records that no part has.
    if (into.keep !== from.keep) for (const stream of (into.keep ? from : into).streams) stream.fresh = true;
    for (const stream of from.streams) this.add(into, stream);
    for (const key of from.keys) this.#name(into, key);
    into.open += from.open;
    into.lastAt = Math.max(into.lastAt, from.lastAt);
    into.keepSince =
      into.keep && from.keep ? Math.min(into.keepSince, from.keepSince) : into.keepSince + from.keepSince;
    into.keep ||= from.keep;
    into.fresh = true;
    into.heldBytes += from.heldBytes;
    into.lost += from.lost;
    into.inspecting += from.inspecting;
    into.sampled ||= from.sampled;
    into.asked ||= from.asked;
    if (from.purpose === 'failure') into.purpose = 'failure';
    into.resend ||= from.resend;
    into.captured = joinCaptured(into.captured, from.captured);
    from.streams.clear();
    from.forgotten = true;
    this.#size -= 1;
    this.#merged(from, into);
  }
}
