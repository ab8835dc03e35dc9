import type { Clock } from '../domain/clock.ts';
import type { Vantage } from '../domain/exchange.ts';
import { copied } from '../wire/bytes.ts';
import type { ScannedEntry } from '../wire/accesslog/scanned.ts';
import { isFinal, isOngoing } from '../wire/accesslog/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { KeyTable } from './key-table.ts';
import { logKeyIn, logKeyOf } from './log-key.ts';
import type { RecorderLimits, Schedule } from './options.ts';
import type { LogSource } from './port.ts';
import type { Stream } from './streams.ts';
import { Wheel } from './wheel.ts';

const SLOT_MS = 50;
/** An entry may have been written before the recording broke off that it comes behind. */
const LINGER_MS = 1000;
/** Instances remembered as ones that send entries; beyond it all are forgotten, and learned again with their next entry. */
const SPEAKERS = 4096;

export interface LogsPort {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly limits: RecorderLimits;
  /** Of the table of keys (key-table.ts). */
  readonly keySeed: number;
  /** The entry is of this stream. */
  readonly joined: (stream: Stream, entry: LogRecord, at: number) => void;
  /** No exchange came for the entry: it speaks for itself. Returns the stream made for it, if any. */
  readonly alone: (entry: WaitingEntry, at: number) => Stream | undefined;
  /** A connection goes on that no stream records (any more: `before` did). Returns the stream made for it, if any. */
  readonly unrecorded: (entry: WaitingEntry, before: Stream | undefined) => Stream | undefined;
  /** No entry came for the stream. */
  readonly overdue: (stream: Stream, at: number) => void;
  /** The entry is of no use: a repeat, or of no end. */
  readonly shed: (bytes: Uint8Array) => void;
  /** An entry that says nothing new of what goes on. */
  readonly passedOver: (bytes: Uint8Array) => void;
}

export interface LogRecord {
  readonly bytes: Uint8Array;
  readonly scanned: ScannedEntry;
}

export interface WaitingEntry extends LogRecord {
  readonly source: LogSource;
  readonly key: string;
  /** When it came, Unix ms. */
  readonly at: number;
}

/**
 * Brings entries of access logs and captured streams together. x-request-id is shared by hops and fan-outs, so an entry is of a stream when
 * request id, start to the microsecond and the caller's address agree, and who speaks does. Either may come first, and wait for the other.
 */
export class Logs {
  joined = 0;
  alone = 0;
  readonly #port: LogsPort;
  readonly #streams: KeyTable<string, Stream>;
  /** Oldest first. */
  readonly #entries = new Map<string, WaitingEntry>();
  readonly #awaiting = new Set<Stream>();
  readonly #speakers = new Set<string>();
  readonly #sourceName = lastSpeaker();
  readonly #streamName = lastSpeaker();
  readonly #wheel: Wheel<(now: number) => void>;
  #waitingBytes = 0;

  constructor(port: LogsPort) {
    this.#port = port;
    this.#streams = new KeyTable(port.keySeed, (stream, key) => stream.logKey === key);
    this.#wheel = new Wheel(port.clock, port.schedule, SLOT_MS, (run, now) => run(now));
  }

  get waiting(): number {
    return this.#entries.size;
  }

  /** A message of a stream whose key is not known: it is in the first attributes. */
  seen(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    const key = logKeyIn(bytes, scanned);
    if (key === undefined) return;
    this.#index(stream, key);
    const entry = this.#entries.size === 0 ? undefined : this.#entries.get(key);
    if (entry === undefined || !agree(stream, entry.source)) return;
    this.#take(entry);
    this.#join(stream, entry.source, entry, at);
  }

  /** Returns the instance of the stream it is of, when that was found at once. */
  entry(source: LogSource, bytes: Uint8Array, scanned: ScannedEntry, at: number): string | undefined {
    if (source.certain) this.#heard(this.#sourceName(source.vantage));
    const key = logKeyOf(bytes, scanned);
    const stream = this.#streams.get(key);
    const known = stream !== undefined && agree(stream, source);
    if (isOngoing(scanned) && source.protocol !== 'http') {
      return this.#ongoing({ source, key, at, bytes, scanned }, known ? stream : undefined);
    } else if (!isFinal(scanned) || (known ? stream.facts.logged === true : this.#entries.has(key))) {
      this.#port.shed(bytes);
    } else if (known) {
      this.#join(stream, source, { bytes, scanned }, at);
      return stream.vantage.instance;
    } else {
      this.#hold({ source, key, at, bytes: copied(bytes), scanned: { ...scanned } });
    }
    return undefined;
  }

  /** True when an entry of this stream can be expected: its instance has sent some. Then `overdue` is called, unless it comes. */
  expects(stream: Stream, at: number): boolean {
    if (stream.logKey === undefined || !this.#speakers.has(this.#streamName(stream.vantage))) return false;
    this.#awaiting.add(stream);
    this.#wheel.add((now) => this.#giveUp(stream, now), at + this.#port.limits.logWaitMs);
    return true;
  }

  forget(stream: Stream): void {
    this.#awaiting.delete(stream);
    if (stream.logKey !== undefined) this.#streams.deleteOne(stream.logHash, stream);
  }

  /** Nothing more will come: whatever waits is decided as it stands. */
  flush(): void {
    const now = this.#port.clock.now();
    for (const entry of this.#entries.values()) this.#release(entry, now);
    for (const stream of this.#awaiting) this.#giveUp(stream, now);
  }

  close(): void {
    this.#wheel.close();
  }

  /** Such an entry comes seconds after its connection began: a stream that is not known by now will not come. */
  #ongoing(entry: WaitingEntry, known: Stream | undefined): string | undefined {
    const isKnown = known !== undefined && (!known.done || entry.at < known.endedAt + LINGER_MS);
    if (isKnown || known?.facts.logged === true) {
      if (known?.conversation?.unrecorded === true) known.lastAt = entry.at;
      this.#port.passedOver(entry.bytes);
      return known?.vantage.instance;
    }
    const stream = this.#port.unrecorded(entry, known);
    if (stream === undefined) return undefined;
    this.#named(stream, entry.key);
    this.#streams.put(entry.key, stream.logHash, stream);
    return stream.vantage.instance;
  }

  #join(stream: Stream, source: LogSource, entry: LogRecord, at: number): void {
    // Whoever is certain was heard when the entry came.
    if (!source.certain) this.#heard(this.#streamName(stream.vantage));
    this.#awaiting.delete(stream);
    this.joined += 1;
    this.#port.joined(stream, entry, at);
  }

  #hold(entry: WaitingEntry): void {
    this.#entries.set(entry.key, entry);
    this.#waitingBytes += entry.bytes.length;
    this.#wheel.add((now) => this.#release(entry, now), entry.at + this.#port.limits.logWaitMs);
    for (const oldest of this.#entries.values()) {
      if (this.#waitingBytes <= this.#port.limits.logWaitBytes) break;
      this.#release(oldest, entry.at);
    }
  }

  #release(entry: WaitingEntry, now: number): void {
    if (this.#entries.get(entry.key) !== entry) return;
    this.#take(entry);
    const stream = this.#port.alone(entry, now);
    if (stream === undefined) return;
    this.alone += 1;
    this.#index(stream, entry.key);
  }

  #take(entry: WaitingEntry): void {
    this.#entries.delete(entry.key);
    this.#waitingBytes -= entry.bytes.length;
  }

  #giveUp(stream: Stream, now: number): void {
    if (this.#awaiting.delete(stream)) this.#port.overdue(stream, now);
  }

  #index(stream: Stream, key: string): void {
    this.#named(stream, key);
    // Two capturing filters in one chain show the same exchange: the entry is of the first.
    if (this.#streams.find(key, stream.logHash) === undefined) this.#streams.put(key, stream.logHash, stream);
  }

  #named(stream: Stream, key: string): void {
    stream.logKey = key;
    stream.logHash = this.#streams.hashOf(key);
  }

  #heard(name: string): void {
    if (this.#speakers.size >= SPEAKERS && !this.#speakers.has(name)) this.#speakers.clear();
    this.#speakers.add(name);
  }
}

function agree({ vantage }: Stream, { vantage: said, certain }: LogSource): boolean {
  const alike = vantage.service === said.service && vantage.direction === said.direction;
  return alike && (!certain || vantage.instance === said.instance);
}

/** Names who speaks. Whoever spoke last mostly speaks again, as the same object: its name is put together once. */
function lastSpeaker(): (vantage: Vantage) => string {
  let last: Vantage | undefined;
  let name = '';
  return (vantage) => {
    if (vantage === last) return name;
    last = vantage;
    name = `${vantage.service}\0${vantage.instance}\0${vantage.direction}`;
    return name;
  };
}
