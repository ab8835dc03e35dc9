import { SegmentFlag } from '../domain/segment.ts';
import type { Segment } from '../domain/segment.ts';
import { peekFlags, pokeFlags } from '../wire/segments/peek.ts';
import { recordBytes } from '../wire/segments/record.ts';
import type { Entry } from './entry.ts';
import { Fate, Fates } from './fates.ts';
import { Books } from './history.ts';
import { Mark, NOWHERE, Ring } from './ring.ts';
import type { Spill } from './spill.ts';
import { addUndecided, NOTHING_PINNED, takeUndecided } from './streams.ts';
import type { PinnedRecord, Stream } from './streams.ts';

/** What one record is made of; reused for every record, so that storing makes no garbage. */
export type Draft = { -readonly [Name in keyof Segment]: Segment[Name] };

export interface StreamLookup {
  find(number: number): Stream | undefined;
  /** Age is about to take something of a transaction that is to be kept: the last moment to copy it out. */
  aging(entry: Entry): void;
  /** The ring no longer holds anything of a stream that is done. */
  emptied(stream: Stream): void;
}

/**
 * The records held: the ring, what was pinned when age reached it, and the fate of every segment. Knows streams, but no transactions:
 * whoever decides walks a stream's records and changes their fates.
 */
export class Holding {
  readonly ring: Ring;
  readonly fates = new Fates();
  readonly #streams: StreamLookup;
  readonly #pinnedLimit: number;
  #pinnedBytes = 0;
  #spill: Spill | undefined;

  constructor(ringBytes: number, pinnedBytes: number, streams: StreamLookup) {
    this.ring = new Ring(ringBytes, (position) => this.#evict(position));
    this.#streams = streams;
    this.#pinnedLimit = pinnedBytes;
  }

  /** From now on, what age takes goes there. */
  spillInto(spill: Spill): void {
    this.#spill = spill;
  }

  get pinnedBytes(): number {
    return this.#pinnedBytes;
  }

  /** Stores a segment that was received, or sheds it when it is too large. Returns its position or NOWHERE. */
  receive(stream: Stream, segment: Segment, marks: number): number {
    const position = this.#append(stream, segment, marks | Fate.inFlight);
    const bytes = recordBytes(segment.payload.length);
    this.fates.received(position === NOWHERE ? Fate.shed : Fate.inFlight, bytes);
    if (position !== NOWHERE) addUndecided(stream, bytes);
    return position;
  }

  /** Received, understood and not needed: nothing is lost. */
  passedOver(payloadBytes: number): void {
    this.fates.received(Fate.tossed, recordBytes(payloadBytes));
  }

  shed(payloadBytes: number): void {
    this.fates.received(Fate.shed, recordBytes(payloadBytes));
  }

  /** Stores a record of the recorder's own, which counts in no fate. */
  write(stream: Stream, segment: Segment, marks: number): number {
    return this.#append(stream, segment, marks | Fate.own);
  }

  /** Visits a stream's records in the ring, newest first, until `visit` returns false. */
  walk(stream: Stream, visit: (position: number) => boolean): void {
    let position = stream.newest;
    while (this.ring.has(position) && visit(position)) position = this.ring.previousOf(position);
  }

  change(position: number, to: Fate): void {
    this.#change(this.#streams.find(this.ring.streamOf(position)), position, to);
  }

  changePinned(pinned: PinnedRecord, to: Fate): void {
    if (pinned.fate === to || pinned.fate === Fate.own) return;
    this.fates.changed(pinned.fate, to, pinned.bytes.length);
    pinned.fate = to;
  }

  /** Everything undecided of a stream is tossed, and nothing of it stays pinned. No record is touched: they have left the processor's caches. */
  toss(stream: Stream): void {
    this.unpin(stream, Fate.tossed);
    const { undecidedSegments: segments, undecidedBytes: bytes } = stream;
    stream.tossedBelow = stream.next;
    stream.undecidedSegments = 0;
    stream.undecidedBytes = 0;
    this.fates.moved(Fate.inFlight, Fate.tossed, { segments, bytes });
  }

  /** A stream's transaction has become known: what it holds counts there. */
  joined(stream: Stream, entry: Entry): void {
    this.walk(stream, (position) => {
      entry.heldBytes += this.ring.bytesOf(position);
      return true;
    });
  }

  /** Lets go of pinned records (`only` the chosen ones); those undecided get the fate given. */
  unpin(stream: Stream, undecided: Fate, only: (pinned: PinnedRecord) => boolean = isAny): void {
    if (stream.pinned.length === 0) return;
    const leaving = stream.pinned.filter(only);
    stream.pinned = stream.pinned.filter((pinned) => !leaving.includes(pinned));
    for (const pinned of leaving) {
      if (pinned.fate === Fate.inFlight) this.changePinned(pinned, undecided);
      this.#pinnedBytes -= pinned.bytes.length;
    }
  }

  #append(stream: Stream, segment: Segment, marks: number): number {
    // Counted before it is there: making room may push out the stream's last record, and it must not be forgotten meanwhile.
    stream.held += 1;
    const position = this.ring.append(segment, stream.newest, marks);
    if (position === NOWHERE) {
      stream.held -= 1;
      return NOWHERE;
    }
    stream.newest = position;
    stream.fresh = true;
    if (stream.entry !== undefined) stream.entry.heldBytes += recordBytes(segment.payload.length);
    return position;
  }

  /** By its own mark; one that has none yet is tossed when its stream was, and nothing undecided is ever forgotten. */
  #fateOf(stream: Stream | undefined, position: number): Fate {
    const fate = this.ring.fateOf(position);
    if (fate !== Fate.inFlight) return fate;
    return stream === undefined || this.ring.sequenceOf(position) < stream.tossedBelow ? Fate.tossed : fate;
  }

  #change(stream: Stream | undefined, position: number, to: Fate): void {
    const from = this.#fateOf(stream, position);
    if (from === to || from === Fate.own) return;
    const bytes = this.ring.bytesOf(position);
    if (from === Fate.inFlight && stream !== undefined) takeUndecided(stream, bytes);
    this.fates.changed(from, to, bytes);
    this.ring.setFate(position, to);
  }

  #evict(position: number): void {
    const stream = this.#streams.find(this.ring.streamOf(position));
    const fate = this.#fateOf(stream, position);
    if (stream === undefined) return void this.#pass(undefined, position, fate, false);
    if (stream.entry?.keep === true && isUnsent(fate)) this.#rescue(stream, stream.entry, position);
    else this.#leave(stream, position, fate);
  }

  /** Copied out, it may have another fate. */
  #rescue(stream: Stream, entry: Entry, position: number): void {
    this.#streams.aging(entry);
    this.#leave(stream, position, this.#fateOf(stream, position));
  }

  #leave(stream: Stream, position: number, fate: Fate): void {
    stream.held -= 1;
    if (stream.entry !== undefined) stream.entry.heldBytes -= this.ring.bytesOf(position);
    const pinned = this.#pin(stream, position, fate);
    const passed = this.#pass(stream, position, fate, pinned);
    if (!pinned && fate === Fate.inFlight) this.#age(stream, position, passed);
    if (stream.held === 0 && stream.done) this.#streams.emptied(stream);
  }

  #age(stream: Stream, position: number, passed: boolean): void {
    const { conversation, entry } = stream;
    if (conversation !== undefined || entry?.counted === 'counted') return this.#change(stream, position, Fate.tossed);
    stream.lost += 1;
    this.#change(stream, position, passed ? Fate.history : Fate.overwritten);
  }

  /** To history, also what stays pinned: from memory that goes as soon as its stream is done. False where it could not take it. */
  #pass(stream: Stream | undefined, position: number, fate: Fate, pinned: boolean): boolean {
    const record = this.#spill && this.ring.read(position);
    if (this.#spill === undefined || record === undefined || stream?.entry?.counted === 'counted') return false;
    const counted = !pinned && stream?.conversation === undefined;
    return this.#spill.take(record, stream, counted ? booksOf(fate) : Books.none);
  }

  #pin(stream: Stream, position: number, fate: Fate): boolean {
    const head = this.ring.hasMark(position, Mark.head);
    const prologue = this.ring.hasMark(position, Mark.prologue);
    if (!needsPin(stream, fate, head, prologue)) return false;
    const record = this.ring.read(position);
    if (record === undefined) return false;
    if (this.#pinnedBytes + record.length > this.#pinnedLimit) return false;
    const bytes = record.slice();
    const view = new DataView(bytes.buffer);
    pokeFlags(view, 0, peekFlags(view, 0) | SegmentFlag.pinned);
    const pinned = { bytes, prologue: prologue && !head, fate };
    // Its fate is its own from here on.
    if (fate === Fate.inFlight) takeUndecided(stream, bytes.length);
    if (stream.pinned === NOTHING_PINNED) stream.pinned = [pinned];
    else stream.pinned.push(pinned);
    this.#pinnedBytes += bytes.length;
    return true;
  }
}

const isAny = (): boolean => true;

function booksOf(fate: Fate): number {
  if (fate === Fate.inFlight) return Books.history;
  if (fate === Fate.tossed) return Books.tossed;
  return fate === Fate.kept ? Books.kept : Books.none;
}

function isUnsent(fate: Fate): boolean {
  return fate === Fate.inFlight || fate === Fate.tossed;
}

/** Heads of open exchanges that no part has yet; heads of connections as long as any of their bytes are held; prologues not sent yet. */
function needsPin(stream: Stream, fate: Fate, head: boolean, prologue: boolean): boolean {
  if (stream.conversation === undefined) return head && !stream.done && fate !== Fate.kept;
  if (head) return !stream.done || stream.held > 0;
  return prologue && stream.conversation.prologue === 'gathering';
}
