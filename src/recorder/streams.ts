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

/** What is known of one captured stream. Its records hang on `newest` as a chain inside the ring. */
export interface Stream {
  readonly number: number;
  readonly vantage: Vantage;
  /** The trace of the capturing call, where Envoy's own tracer runs. */
  readonly callTrace: TraceContext | undefined;
  readonly instance: Instance;
  /** Present for conversations; absent for exchanges. */
  readonly conversation: TrackedConversation | undefined;
  /** It is one try at an outbound exchange, over as soon as its answer begins: the rest of the answer is the exchange's. */
  readonly attempt: boolean;
  readonly facts: NotedFacts;
  readonly startedAt: number;
  /** Rules of one's own that may match it; undefined where there are none. */
  rules: Candidates | undefined;
  /** Its transaction; unknown before the first message, and always for conversations. */
  entry: Entry | undefined;
  /** Sequence of its next segment. */
  next: number;
  /** Arrival of the last thing that belongs to it, Unix ms. */
  lastAt: number;
  /** When its exchange was over: its last message when the answer is whole, else the end of its call. Infinity while open. */
  endedAt: number;
  /** Position of its newest record. */
  newest: number;
  /** Records in the ring, and segments that age took undecided and no part has reported yet. */
  held: number;
  lost: number;
  /** Of those in the ring, what nothing is decided about; bytes of records. */
  undecidedSegments: number;
  undecidedBytes: number;
  /** Records with lower sequences were undecided when the stream was tossed, unless they bear a fate of their own. */
  tossedBelow: number;
  /** Records that outlived the ring, oldest first. */
  pinned: PinnedRecord[];
  /** An exchange is done when both its end marks were seen or its call ended; a conversation when its call ended. */
  done: boolean;
  /** Over, but judged only when the access log has said who broke it off, or has said nothing for long. */
  awaitsLog: boolean;
  /** What an entry of the access log and this stream have in common; unknown before the first attributes. */
  logKey: string | undefined;
  /** Of that, as the table of these keys has it (key-table.ts). */
  logHash: number;
  /** How its exchange failed by the rules; undefined while it has not. */
  failed: FailureKind | undefined;
  /** Counts in its instance's openInbound. */
  countsInbound: boolean;
  /** Instance.errors when it began. */
  readonly errorsBefore: number;
  /** Outbound, and what it shares with inbound ones is still to be judged: one of those was open when it began (neighbours.ts). */
  served: boolean | undefined;
  /** Something came since its records were last copied out. */
  fresh: boolean;
  /** Position of the record with its request headers; NOWHERE while there is none. */
  requestAt: number;
  /** Of what it asks (route-digest.ts); 0 while its request has not been seen. */
  route: number;
  /** Body bytes stored, by side. */
  storedClient: number;
  storedServer: number;
  /** Body bytes left out, by side. */
  cut: Readonly<Sides>;
  /** What is given up of it while the recorder is overloaded. */
  given: Given;
  /** Bytes that were given up so far; those of bodies are left out, and count in `cut` too. */
  shed: ShedBytes | undefined;
  /** Its metadata, as long as nobody knows whether it is given up; then while all of it is. */
  opening: Uint8Array | undefined;
}

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

export function addUndecided(stream: Stream, segments: number, bytes: number): void {
  stream.undecidedSegments += segments;
  stream.undecidedBytes += bytes;
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

type Talk = TrackedConversation | undefined;

// oxlint-disable-next-line max-lines-per-function -- a line for each field
export function createStream(number: number, call: CapturedCall, instance: Instance, talk: Talk, at: number): Stream {
  return {
    number,
    vantage: call.vantage,
    callTrace: call.trace,
    instance,
    conversation: talk,
    attempt: call.attempt === true,
    facts: noFacts(),
    startedAt: at,
    rules: undefined,
    entry: undefined,
    next: 0,
    lastAt: at,
    endedAt: Infinity,
    newest: NOWHERE,
    held: 0,
    lost: 0,
    undecidedSegments: 0,
    undecidedBytes: 0,
    tossedBelow: 0,
    pinned: NOTHING_PINNED,
    done: false,
    awaitsLog: false,
    logKey: undefined,
    logHash: 0,
    failed: undefined,
    countsInbound: false,
    errorsBefore: instance.errors,
    served: undefined,
    fresh: false,
    requestAt: NOWHERE,
    route: 0,
    storedClient: 0,
    storedServer: 0,
    cut: NOTHING_CUT,
    given: Given.nothing,
    shed: undefined,
    opening: undefined,
  };
}
