import type { TraceContext, Vantage } from '../domain/exchange.ts';
import type { FailureKind } from '../domain/verdict.ts';
import type { Candidates } from '../verdict/rules/set.ts';
import type { TrackedConversation } from './conversations.ts';
import type { NotedFacts } from './facts.ts';
import { noFacts } from './facts.ts';
import type { Fate } from './fates.ts';
import type { Instance } from './instances.ts';
import type { CapturedCall } from './port.ts';
import { NOWHERE } from './ring.ts';
import { Given } from './shedding.ts';
import type { Entry } from './entry.ts';

export interface ShedBytes {
  readonly heads: Sides;
  readonly bodies: Sides;
}

export interface Sides {
  client: number;
  server: number;
}

/** One record outside the ring, its flag `pinned` set. */
export interface PinnedRecord {
  readonly bytes: Uint8Array;
  readonly prologue: boolean;
  fate: Fate;
}

/** Of nearly all streams, and never written to: each lives long enough for the collector to move all that it has for itself twice. */
export const NOTHING_PINNED: PinnedRecord[] = [];
export const NOTHING_CUT: Readonly<Sides> = { client: 0, server: 0 };

/**
 * What is known of one captured stream. Its records hang on `newest` as a chain inside the ring.
 *
 * A class, and no literal: code that V8 has optimized goes on making literals of the shape that it saw, even when a field has meanwhile turned out to
 * need another one, and each of them is moved over when it is first read. That was a tenth of all that the ingest thread did.
 * What the constructor sets is declared only: a field that is undefined first has a box of its own for each time that is written to it.
 */
export class Stream {
  declare readonly number: number;
  declare readonly vantage: Vantage;
  /** The trace of the capturing call, where Envoy's own tracer runs. */
  declare readonly callTrace: TraceContext | undefined;
  declare readonly instance: Instance;
  /** Present for conversations; absent for exchanges. */
  declare readonly conversation: TrackedConversation | undefined;
  /** It is one try at an outbound exchange, over as soon as its answer begins: the rest of the answer is the exchange's. */
  declare readonly attempt: boolean;
  readonly facts: NotedFacts = noFacts();
  declare readonly startedAt: number;
  /** Rules of one's own that may match it; undefined where there are none. */
  rules: Candidates | undefined = undefined;
  /** Its transaction; unknown before the first message, and always for conversations. */
  entry: Entry | undefined = undefined;
  /** Sequence of its next segment. */
  next = 0;
  /** Arrival of the last thing that belongs to it, Unix ms. */
  declare lastAt: number;
  /** When its exchange was over: its last message when the answer is whole, else the end of its call. Infinity while open. */
  endedAt = Infinity;
  /** Position of its newest record. */
  newest = NOWHERE;
  /** Records in the ring, and segments that age took undecided and no part has reported yet. */
  held = 0;
  lost = 0;
  /** Of those in the ring, what nothing is decided about; bytes of records. */
  undecidedSegments = 0;
  undecidedBytes = 0;
  /** Records with lower sequences were undecided when the stream was tossed, unless they bear a fate of their own. */
  tossedBelow = 0;
  /** Records that outlived the ring, oldest first. */
  pinned: PinnedRecord[] = NOTHING_PINNED;
  /** An exchange is done when both its end marks were seen or its call ended; a conversation when its call ended. */
  done = false;
  /** Over, but judged only when the access log has said who broke it off, or has said nothing for long. */
  awaitsLog = false;
  /** What an entry of the access log and this stream have in common; unknown before the first attributes. */
  logKey: string | undefined = undefined;
  /** Of that, as the table of these keys has it (key-table.ts). */
  logHash = 0;
  /** How its exchange failed by the rules; undefined while it has not. */
  failed: FailureKind | undefined = undefined;
  /** Counts in its instance's openInbound. */
  countsInbound = false;
  /** Instance.errors when it began. */
  declare readonly errorsBefore: number;
  /** Outbound, and what it shares with inbound ones is still to be judged: one of those was open when it began (neighbours.ts). */
  served: boolean | undefined = undefined;
  /** Something came since its records were last copied out. */
  fresh = false;
  /** Position of the record with its request headers; NOWHERE while there is none. */
  requestAt = NOWHERE;
  /** Of what it asks (route-digest.ts); 0 while its request has not been seen. */
  route = 0;
  /** Body bytes stored, by side. */
  storedClient = 0;
  storedServer = 0;
  /** Body bytes left out, by side. */
  cut: Readonly<Sides> = NOTHING_CUT;
  /** What is given up of it while the recorder is overloaded. */
  given: Given = Given.nothing;
  /** Bytes that were given up so far; those of bodies are left out, and count in `cut` too. */
  shed: ShedBytes | undefined = undefined;
  /** Its metadata, as long as nobody knows whether it is given up; then while all of it is. */
  opening: Uint8Array | undefined = undefined;

  constructor(
    number: number,
    call: CapturedCall,
    instance: Instance,
    talk: TrackedConversation | undefined,
    at: number,
  ) {
    this.number = number;
    this.vantage = call.vantage;
    this.callTrace = call.trace;
    this.instance = instance;
    this.conversation = talk;
    this.attempt = call.attempt === true;
    this.startedAt = at;
    this.lastAt = at;
    this.errorsBefore = instance.errors;
  }
}

export function addUndecided(stream: Stream, bytes: number): void {
  stream.undecidedSegments += 1;
  stream.undecidedBytes += bytes;
}

export function takeUndecided(stream: Stream, bytes: number): void {
  stream.undecidedSegments -= 1;
  stream.undecidedBytes -= bytes;
}

export function addStored(stream: Stream, side: keyof Sides, bytes: number): void {
  if (side === 'client') stream.storedClient += bytes;
  else stream.storedServer += bytes;
}

export function storedOf({ storedClient, storedServer }: Stream, side: keyof Sides): number {
  return side === 'client' ? storedClient : storedServer;
}

export function addCut(stream: Stream, side: keyof Sides, bytes: number): void {
  const { client, server } = stream.cut;
  stream.cut = side === 'client' ? { client: client + bytes, server } : { client, server: server + bytes };
}
