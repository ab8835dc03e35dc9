import type { EndReason } from '../domain/segment.ts';
import { SegmentFlag } from '../domain/segment.ts';
import { findHeader } from '../wire/extproc/headers.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import type { ConversationTracker } from '../wire/protocol.ts';
import { conversationProtocol } from '../wire/protocols.ts';
import type { ArrivalOrder } from './arrival.ts';
import type { Checkpoint, Checkpoints } from './checkpoints.ts';
import { isBodyPart, isRequestPart, statusIn } from './facts.ts';
import type { Instance } from './instances.ts';
import type { Intake } from './intake.ts';
import type { LogRecord } from './logs.ts';
import { Mark, NOWHERE } from './ring.ts';
import type { RecorderLimits } from './options.ts';
import { addCut, addStored, NOTHING_CUT, storedOf } from './streams.ts';
import type { Sides, Stream } from './streams.ts';

/** What a connection to a database or broker has beside a stream's own. */
export interface TrackedConversation {
  readonly protocol: string;
  /** Undefined where nothing understands the protocol: no anchors, bytes are recorded as they are. */
  readonly tracker: ConversationTracker | undefined;
  /** Envoy answered 200: the connection stands, and what follows is its bytes. Before, and after any other answer, bodies mean nothing. */
  connected: boolean;
  /** Bytes of the connection were seen. */
  begun: boolean;
  /** The name the service used for its peer. */
  peer: string;
  /** When the client last said something, Unix ms. */
  askedAt: number;
  /** Positions of the records that say who speaks. */
  readonly heads: number[];
  /** Places from which the state at a later anchor can be worked out, oldest first. */
  readonly checkpoints: Checkpoint[];
  /** `gathering`: no inbound exchange was open at its instance so far. */
  prologue: 'gathering' | 'over';
  prologueBytes: number;
  /** Only the access log tells that it is there: it is older than the sink, or its recording broke off. */
  unrecorded: boolean;
  /** Something was left out since the last anchor: what is held cannot be followed over it. */
  cut: boolean;
}

export function trackConversation(protocol: string, instance: Instance): TrackedConversation {
  return {
    protocol,
    tracker: conversationProtocol(protocol)?.createTracker(),
    connected: false,
    begun: false,
    peer: '',
    askedAt: 0,
    heads: [],
    checkpoints: [],
    prologue: instance.openInbound === 0 ? 'gathering' : 'over',
    prologueBytes: 0,
    unrecorded: false,
    cut: false,
  };
}

/** Stores the messages of connections, with anchors found by the protocol's tracker. */
export class Conversations {
  readonly #intake: Intake;
  readonly #checkpoints: Checkpoints;
  readonly #limits: Pick<RecorderLimits, 'prologueBytes' | 'bodyBytes'>;
  readonly #order: ArrivalOrder;
  readonly #prologueOver: (stream: Stream) => void;
  readonly #failed: (instance: Instance, askedAt: number, at: number) => void;

  constructor(
    intake: Intake,
    checkpoints: Checkpoints,
    limits: Pick<RecorderLimits, 'prologueBytes' | 'bodyBytes'>,
    order: ArrivalOrder,
    prologueOver: (stream: Stream) => void,
    failed: (instance: Instance, askedAt: number, at: number) => void,
  ) {
    this.#intake = intake;
    this.#checkpoints = checkpoints;
    this.#limits = limits;
    this.#order = order;
    this.#prologueOver = prologueOver;
    this.#failed = failed;
  }

  opened(stream: Stream, conversation: TrackedConversation, payload: Uint8Array, at: number): void {
    stream.instance.conversations.add(stream);
    this.#order.conversationOpened(at);
    if (conversation.prologue === 'gathering') stream.instance.gathering.add(stream);
    this.#storeHead(stream, conversation, 'opened', payload, at);
  }

  /** A connection of whose bytes none are seen: what says who speaks, and the entry that tells of it. */
  unrecorded(
    stream: Stream,
    conversation: TrackedConversation,
    opened: Uint8Array,
    entry: LogRecord,
    at: number,
  ): void {
    conversation.unrecorded = true;
    conversation.prologue = 'over';
    stream.instance.conversations.add(stream);
    const position = this.#intake.write(stream, 'opened', opened, at, Mark.head);
    if (position !== NOWHERE) conversation.heads.push(position);
    this.#storeHead(stream, conversation, 'log', entry.bytes, at);
    stream.lastAt = at;
  }

  message(
    stream: Stream,
    conversation: TrackedConversation,
    bytes: Uint8Array,
    scanned: ScannedMessage,
    at: number,
  ): void {
    stream.lastAt = at;
    if (isBodyPart(scanned.part)) return this.#body(stream, conversation, bytes, scanned, at);
    if (scanned.part === Part.requestHeaders) {
      conversation.peer = findHeader(bytes, scanned.valueStart, scanned.valueEnd, ':authority') ?? '';
    } else if (scanned.part === Part.responseHeaders) {
      conversation.connected = statusIn(bytes, scanned) === 200;
    }
    this.#storeHead(stream, conversation, 'message', bytes, at);
  }

  ended(stream: Stream, conversation: TrackedConversation, reason: EndReason, at: number): void {
    if (conversation.prologue === 'gathering') this.#prologueOver(stream);
    this.#noteCut(stream, conversation, at);
    this.#intake.end(stream, reason, at, conversation.unrecorded);
    if (!conversation.unrecorded) this.#order.conversationEnded(at);
    stream.endedAt = at;
    stream.done = true;
  }

  /** How the connection ended; beside its bytes, as what says who speaks. */
  logged(stream: Stream, conversation: TrackedConversation, bytes: Uint8Array, at: number): void {
    stream.facts.logged = true;
    this.#storeHead(stream, conversation, 'log', bytes, at);
  }

  #storeHead(
    stream: Stream,
    conversation: TrackedConversation,
    kind: 'opened' | 'message' | 'log',
    payload: Uint8Array,
    at: number,
  ): void {
    const position = this.#intake.store(stream, kind, payload, at, 0, Mark.head);
    if (position !== NOWHERE) conversation.heads.push(position);
  }

  #body(
    stream: Stream,
    conversation: TrackedConversation,
    bytes: Uint8Array,
    scanned: ScannedMessage,
    at: number,
  ): void {
    const size = scanned.valueEnd - scanned.valueStart;
    const side = isRequestPart(scanned.part) ? 'client' : 'server';
    const meant = conversation.connected && size > 0;
    const answers = conversation.tracker?.answers();
    const errors = conversation.tracker?.errors() ?? 0;
    const anchor =
      meant && (conversation.tracker?.bytes(side, bytes.subarray(scanned.valueStart, scanned.valueEnd)) ?? false);
    if (side === 'client') conversation.askedAt = at;
    this.#noteErrors(stream, conversation, errors, at);
    if (conversation.tracker !== undefined && this.#isTooLong(stream, side, size, anchor)) {
      addCut(stream, side, size);
      this.#intake.leaveOut(stream, bytes);
      if (conversation.tracker.answers() !== answers) this.#answered(stream, conversation, at);
      return;
    }
    if (anchor) this.#noteCut(stream, conversation, at);
    const sequence = stream.next;
    const marks = this.#inPrologue(stream, conversation, size) ? Mark.prologue : 0;
    const position = this.#intake.store(stream, 'message', bytes, at, anchor ? SegmentFlag.anchor : 0, marks);
    if (position === NOWHERE) this.#intake.gap(stream, side, size, at);
    else if (anchor) this.#checkpoints.note(conversation, position, sequence, conversation.cut);
    if (anchor) conversation.cut = false;
    conversation.begun ||= meant;
    if (conversation.tracker?.answers() !== answers) this.#answered(stream, conversation, at);
  }

  /** What is kept is counted for each answer: on a connection that many share there may never be a moment at which nothing is pending. */
  #answered(stream: Stream, conversation: TrackedConversation, at: number): void {
    this.#noteCut(stream, conversation, at);
    stream.storedClient = stream.storedServer = 0;
  }

  #noteErrors({ instance }: Stream, { tracker, askedAt }: TrackedConversation, before: number, at: number): void {
    const errors = (tracker?.errors() ?? 0) - before;
    if (errors === 0) return;
    instance.errors += errors;
    this.#failed(instance, askedAt, at);
  }

  /** An answer beyond what is kept of a body too: it would wash its own question out of the ring. What no tracker reads has no end to wait for. */
  #isTooLong(stream: Stream, side: keyof Sides, size: number, anchor: boolean): boolean {
    if (anchor) stream.storedClient = stream.storedServer = 0;
    const fits = anchor || (stream.cut[side] === 0 && storedOf(stream, side) + size <= this.#limits.bodyBytes);
    if (fits) addStored(stream, side, size);
    return !fits;
  }

  #noteCut(stream: Stream, conversation: TrackedConversation, at: number): void {
    const { client, server } = stream.cut;
    conversation.cut ||= client + server > 0;
    this.#intake.gap(stream, 'client', client, at);
    this.#intake.gap(stream, 'server', server, at);
    stream.cut = NOTHING_CUT;
  }

  #inPrologue(stream: Stream, conversation: TrackedConversation, size: number): boolean {
    if (conversation.prologue === 'over' || stream.instance.openInbound > 0) return false;
    conversation.prologueBytes += size;
    return conversation.prologueBytes <= this.#limits.prologueBytes;
  }
}
