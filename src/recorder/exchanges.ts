import type { TransactionKey } from '../domain/ids.ts';
import type { EndReason } from '../domain/segment.ts';
import { hangsOnLog } from '../verdict/rules.ts';
import { Attribute, attributeOf } from '../wire/extproc/scanned-head.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { encodeEnd, recordBytes } from '../wire/segments/record.ts';
import { transactionKeys } from '../wire/tracecontext/identity.ts';
import { keysIn } from '../wire/tracecontext/keys.ts';
import { isBodyPart, isRequestPart, noteEnd, noteMessage } from './facts.ts';
import type { Entry } from './entry.ts';
import type { Holding } from './holding.ts';
import type { Instance } from './instances.ts';
import type { Intake } from './intake.ts';
import type { Judging } from './judging.ts';
import { keysOfEntry, noteLog } from './log-facts.ts';
import type { LogRecord, WaitingEntry } from './logs.ts';
import type { Neighbours } from './neighbours.ts';
import type { RecorderLimits } from './options.ts';
import { Mark, NOWHERE } from './ring.ts';
import { routeDigest } from './route-digest.ts';
import type { Settlement } from './settlement.ts';
import { Given, type Shedding } from './shedding.ts';
import { addCut, addStored, NOTHING_CUT, storedOf } from './streams.ts';
import type { Stream } from './streams.ts';
import type { Transactions } from './transactions.ts';

const SIDES = ['client', 'server'] as const;

export interface ExchangesPort {
  readonly intake: Intake;
  readonly holding: Holding;
  readonly transactions: Transactions;
  readonly settlement: Settlement;
  readonly neighbours: Neighbours;
  readonly judging: Judging;
  readonly limits: RecorderLimits;
  readonly shedding: Shedding;
  /** The key of an exchange that shows none. */
  readonly keyOf: (stream: Stream) => TransactionKey;
  /** True when the access log has still to say how the exchange ended: `overdue` is called when it does not. */
  readonly awaitsLog: (stream: Stream, at: number) => boolean;
  /** An inbound exchange is about to open at the instance. */
  readonly inboundOpens: (instance: Instance) => void;
}

/** Stores the messages of exchanges, finds their transactions, and judges each exchange when it is done. */
export class Exchanges {
  readonly #port: ExchangesPort;

  constructor(port: ExchangesPort) {
    this.#port = port;
  }

  opened(stream: Stream, payload: Uint8Array, at: number): void {
    if (stream.vantage.direction === 'inbound') {
      this.#port.inboundOpens(stream.instance);
      stream.countsInbound = true;
      stream.instance.openInbound += 1;
      stream.instance.openNumbers += stream.number;
    }
    // Whoever is given up is so with the first message: until then it is not worth a record.
    stream.opening = payload;
    if (!this.#port.shedding.isOn(at)) this.#storeOpening(stream);
  }

  message(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    if (stream.entry === undefined) this.#join(stream, keysOf(stream, bytes, scanned), at);
    const { facts } = stream;
    noteMessage(facts, bytes, scanned);
    this.#port.judging.passes(stream, bytes, scanned);
    stream.lastAt = at;
    this.#store(stream, bytes, scanned, at);
    if (facts.responseComplete || facts.upgraded || facts.eventStream) closeInbound(stream);
    if (facts.responseComplete && stream.endedAt === Infinity) stream.endedAt = at;
    if (isOver(stream) && !stream.done) this.#finish(stream, 'closed', at);
    else if (stream.entry !== undefined) this.#port.settlement.touch(stream.entry, at);
  }

  /** The end of a call whose exchange is done already says nothing more, and is no segment. */
  ended(stream: Stream, reason: EndReason, at: number): void {
    if (!stream.done && !stream.awaitsLog) this.#finish(stream, reason, at);
  }

  /** The access log tells how the exchange ended: before its call ends, while it waits for that, or late. */
  logged(stream: Stream, { bytes, scanned }: LogRecord, at: number): void {
    const { facts, entry } = stream;
    noteLog(facts, bytes, scanned);
    this.#port.judging.logged(stream, { bytes, scanned }, false);
    closeInbound(stream);
    // Envoy ends the call of a broken exchange a while after the exchange.
    if (stream.endedAt === Infinity) stream.endedAt = Math.max(stream.lastAt, stream.startedAt + scanned.durationMs);
    if (stream.given === Given.all) this.#port.intake.leaveOut(stream, bytes);
    else this.#port.intake.store(stream, 'log', bytes, at, 0, 0);
    if (stream.awaitsLog) return this.#conclude(stream, at);
    if (!stream.done || entry === undefined) return;
    this.#port.settlement.note(entry);
    this.#judge(stream, entry, at);
  }

  /** The access log has said nothing for long. */
  overdue(stream: Stream, at: number): void {
    if (stream.awaitsLog) this.#conclude(stream, at);
  }

  /** An exchange of which nothing but its entry in the access log was seen. `opened`: who speaks, as the metadata of a call. */
  alone(stream: Stream, opened: Uint8Array, { bytes, scanned, at: cameAt }: WaitingEntry, at: number): void {
    this.#port.intake.write(stream, 'opened', opened, cameAt);
    this.#join(stream, keysOfEntry(bytes, scanned), at);
    noteLog(stream.facts, bytes, scanned);
    this.#port.judging.logged(stream, { bytes, scanned }, true);
    noteEnd(stream.facts, 'closed');
    this.#port.intake.store(stream, 'log', bytes, cameAt, 0, 0);
    stream.lastAt = at;
    stream.endedAt = stream.startedAt + scanned.durationMs;
    this.#conclude(stream, at);
  }

  #join(stream: Stream, keys: readonly TransactionKey[], at: number): void {
    const [first = this.#port.keyOf(stream), second] = keys;
    const entry = this.#port.transactions.join(first, second, at);
    this.#port.transactions.add(entry, stream);
    entry.open += 1;
    this.#port.holding.joined(stream, entry);
    this.#port.neighbours.joined(stream);
    if (this.#port.shedding.isOn(at) || entry.shed) this.#port.shedding.joined(stream, at);
    if (stream.opening === undefined) return;
    if (stream.given === Given.all) this.#port.intake.leaveOut(stream, stream.opening);
    else this.#storeOpening(stream);
  }

  /** Who speaks. Of one that is recalled it was counted as given up, and is written all the same: nobody could read the rest. */
  #storeOpening(stream: Stream): void {
    const { opening, next, startedAt } = stream;
    if (opening === undefined) return;
    stream.opening = undefined;
    if (next === 0) return void this.#port.intake.store(stream, 'opened', opening, startedAt, 0, Mark.head);
    stream.next = 0;
    this.#port.intake.write(stream, 'opened', opening, startedAt, Mark.head);
    stream.next = next;
  }

  /** A stream that was given up failed: what is known of it is written. */
  #recall(stream: Stream, at: number): void {
    this.#port.shedding.recall(stream);
    this.#storeOpening(stream);
    stream.lost = 0;
    this.#gaps(stream, at);
    this.#port.intake.end(stream, stream.facts.end === 'open' ? 'closed' : stream.facts.end, at, true);
  }

  #gaps(stream: Stream, at: number): void {
    const { intake } = this.#port;
    if (stream.cut === NOTHING_CUT && stream.shed === undefined) return;
    for (const side of SIDES) {
      const bodies = stream.shed?.bodies[side] ?? 0;
      intake.gap(stream, side, (stream.shed?.heads[side] ?? 0) + bodies, at, 'shed');
      intake.gap(stream, side, stream.cut[side] - bodies, at, 'budget');
    }
  }

  #store(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    if (stream.given !== Given.nothing && this.#port.shedding.gives(stream, scanned))
      return this.#giveUp(stream, bytes, scanned);
    if (stream.opening !== undefined) this.#storeOpening(stream);
    if (!isBodyPart(scanned.part)) return this.#storeHead(stream, bytes, scanned, at);
    const side = isRequestPart(scanned.part) ? 'client' : 'server';
    const size = scanned.valueEnd - scanned.valueStart;
    // End marks are empty bodies: they cost nothing and tell that nothing is missing behind the cut.
    if (size > 0 && this.#isBeyond(stream, side, size, bytes.length)) {
      addCut(stream, side, size);
      // Behind a hole that overload has made: that is why.
      if (stream.shed !== undefined && stream.shed.bodies[side] > 0) stream.shed.bodies[side] += size;
      return this.#port.intake.leaveOut(stream, bytes);
    }
    addStored(stream, side, size);
    this.#port.intake.store(stream, 'message', bytes, at, 0, 0);
  }

  #giveUp(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage): void {
    const side = isRequestPart(scanned.part) ? 'client' : 'server';
    const size = scanned.valueEnd - scanned.valueStart;
    const shed = (stream.shed ??= { heads: { client: 0, server: 0 }, bodies: { client: 0, server: 0 } });
    if (isBodyPart(scanned.part)) {
      shed.bodies[side] += size;
      addCut(stream, side, size);
    } else shed.heads[side] += size;
    this.#port.intake.leaveOut(stream, bytes);
  }

  #storeHead(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    const trailers = scanned.part >= Part.requestTrailers;
    const position = this.#port.intake.store(stream, 'message', bytes, at, 0, trailers ? 0 : Mark.head);
    if (position === NOWHERE || scanned.part !== Part.requestHeaders) return;
    stream.requestAt = position;
    stream.route = routeDigest(bytes, scanned, stream.vantage.direction);
  }

  /** A body is stored up to the first bytes that do not fit, and no further. */
  #isBeyond(stream: Stream, side: 'client' | 'server', size: number, messageBytes: number): boolean {
    const { limits, holding } = this.#port;
    const record = recordBytes(messageBytes);
    return (
      (stream.cut !== NOTHING_CUT && stream.cut[side] > 0) ||
      storedOf(stream, side) + size > limits.bodyBytes ||
      (stream.entry?.heldBytes ?? 0) + record > limits.transactionBytes ||
      record > holding.ring.largestRecord
    );
  }

  #finish(stream: Stream, reason: EndReason, at: number): void {
    const { intake, holding } = this.#port;
    if (stream.given === Given.all) {
      // Of what is given up nothing is written: whoever has the rest of its transaction learns that so many are missing.
      intake.leaveOut(stream, encodeEnd(reason));
      stream.lost += stream.next;
    } else {
      this.#storeOpening(stream);
      this.#gaps(stream, at);
      intake.end(stream, reason, at);
    }
    noteEnd(stream.facts, reason, at - stream.startedAt);
    closeInbound(stream);
    if (stream.endedAt === Infinity) stream.endedAt = at;
    if (mayHang(stream) && this.#port.awaitsLog(stream, at)) stream.awaitsLog = true;
    else if (stream.entry !== undefined) this.#conclude(stream, at);
    else {
      stream.done = true;
      holding.toss(stream);
    }
  }

  #conclude(stream: Stream, at: number): void {
    const { settlement } = this.#port;
    const { entry } = stream;
    stream.awaitsLog = false;
    stream.done = true;
    if (entry === undefined) return;
    entry.open -= 1;
    settlement.touch(entry, at);
    this.#judge(stream, entry, at);
  }

  #judge(stream: Stream, entry: Entry, at: number): void {
    const failure = stream.attempt ? undefined : this.#port.judging.judge(stream, at);
    if (failure === undefined) return;
    stream.failed = failure.kind;
    if (stream.given === Given.all) this.#recall(stream, at);
    this.#port.settlement.keep(entry, at, 'failed');
  }
}

function isOver({ attempt, facts }: Stream): boolean {
  return attempt ? facts.status !== undefined : facts.requestComplete && facts.responseComplete;
}

function mayHang({ entry, facts, attempt }: Stream): boolean {
  return entry !== undefined && !attempt && hangsOnLog(facts);
}

function closeInbound(stream: Stream): void {
  if (!stream.countsInbound) return;
  stream.countsInbound = false;
  stream.instance.openInbound -= 1;
  stream.instance.openNumbers -= stream.number;
}

/** An exchange that begins with its answer was rejected in front of the filter; Envoy then tells the request id as an attribute. */
function keysOf(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage): readonly TransactionKey[] {
  if (scanned.part === Part.requestHeaders) return keysIn(bytes, scanned, stream.callTrace);
  const requestId = attributeOf(bytes, scanned, Attribute.requestId);
  return transactionKeys((name) => (name === 'x-request-id' ? requestId : undefined), stream.callTrace);
}
