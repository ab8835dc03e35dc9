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
  readonly #all = new Set<Entry>();
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
    return this.#all.size;
  }

  all(): Iterable<Entry> {
    return this.#all;
  }

  /** The transaction of an exchange that carries these keys, best first: found, made, or merged of a trace and a request id. */
  join([first, second]: readonly [TransactionKey, ...TransactionKey[]], at: number): Entry {
    const entry = this.#entries.get(first) ?? this.#adopt(first, second) ?? this.#create(first, at);
    if (second !== undefined) this.#alias(entry, second);
    return entry;
  }

  add(entry: Entry, stream: Stream): void {
    stream.entry = entry;
    entry.streams.add(stream);
  }

  remove(entry: Entry): void {
    entry.forgotten = true;
    this.#all.delete(entry);
    for (const key of entry.keys) if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  #create(key: TransactionKey, at: number): Entry {
    const entry = createEntry(at);
    this.#all.add(entry);
    this.#name(entry, key);
    return entry;
  }

  /** A trace not seen before takes over what is indexed under the request id alone. */
  #adopt(trace: TransactionKey, request: TransactionKey | undefined): Entry | undefined {
    const entry = request === undefined || this.#ambiguous.has(request) ? undefined : this.#entries.get(request);
    if (entry === undefined || entry.keys.some(isTrace)) return undefined;
    this.#name(entry, trace);
    return entry;
  }

  #alias(entry: Entry, request: TransactionKey): void {
    if (this.#ambiguous.has(request)) return;
    const known = this.#entries.get(request);
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
    this.#all.delete(from);
    this.#merged(from, into);
  }
}
