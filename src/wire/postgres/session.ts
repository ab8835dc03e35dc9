/**
 * Follows one connection: cuts both sides into frames and says for each frame which question it asks or answers. Phases:
 *
 *     startup ─SSLRequest─► negotiating ─'N'─► startup ─StartupMessage─► authenticating ─ReadyForQuery─► ready
 *                                └─'S'─► opaque (encrypted: nothing can be read any more)
 *     startup … ready ─bytes missing or not understood─► lost ─ReadyForQuery, then a question─► ready
 */
import { Reader, copied } from '../bytes.ts';
import { MOST_WAITING } from '../fifo.ts';
import { Framer, payload, type Frame, type Reading, type Side } from './framing.ts';
import { Pipeline, type Step, type StepKind } from './pipeline.ts';
import { Prepared } from './held.ts';
import { LandmarkSearch } from './landmark.ts';

export type Phase = 'startup' | 'negotiating' | 'authenticating' | 'ready' | 'opaque' | 'lost';

/** Told of every frame as it comes. `step`: the question it asks or answers. Called before what a ReadyForQuery ends is forgotten. */
export type Observe = (side: Side, frame: Frame, step: Step | undefined) => void;

/** Questions whose answer changes what the server holds. */
const LEARNT: ReadonlySet<StepKind> = new Set<StepKind>(['parse', 'bind', 'describe', 'close']);

export interface SessionOptions {
  readonly reading?: Reading;
  /** Most bytes of prepared statements and portals to hold. */
  readonly preparedBytes?: number;
  /** The bytes begin in the middle of a connection, where nothing was pending. */
  readonly midway?: boolean;
}

export class Session {
  readonly prepared: Prepared;
  readonly #framers: Readonly<Record<Side, Framer>>;
  readonly #observe: Observe;
  readonly #landmark = new LandmarkSearch();
  readonly #parameters = new Map<string, string>();
  /** Of every step that is still waiting, its question: what is prepared only counts once the server agrees. */
  readonly #questions = new Map<Step, Frame>();
  #pipeline = new Pipeline();
  #phase: Phase = 'startup';
  #startup: Uint8Array | undefined;
  #inTransaction = false;
  #answers = 0;
  #errors = 0;

  constructor(observe: Observe, options: SessionOptions = {}) {
    this.#observe = observe;
    this.prepared = new Prepared(options.preparedBytes ?? Infinity);
    this.#framers = { client: new Framer('client', options.reading), server: new Framer('server', options.reading) };
    if (options.midway === true) this.resume();
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Both sides stand at a message boundary and every question has been answered. */
  get quiet(): boolean {
    const settled =
      this.#phase === 'ready' ? this.#pipeline.quiet : this.#phase === 'startup' && this.#startup === undefined;
    return settled && this.#framers.client.atBoundary && this.#framers.server.atBoundary;
  }

  atBoundary(side: Side): boolean {
    return this.#framers[side].atBoundary;
  }

  get inTransaction(): boolean {
    return this.#inTransaction;
  }

  /** Questions whose answers have come to their end since the beginning, or were skipped. */
  get answers(): number {
    return this.#answers;
  }

  /** Errors that the server has answered with since the beginning; not of the handshake. */
  get errors(): number {
    return this.#errors;
  }

  /** The StartupMessage as sent; undefined before it came. */
  get startup(): Uint8Array | undefined {
    return this.#startup;
  }

  /** What the server told by ParameterStatus, latest values. */
  get parameters(): ReadonlyMap<string, string> {
    return this.#parameters;
  }

  /** Takes the next bytes of one side. True when the place was found again at the beginning of these bytes. */
  feed(side: Side, chunk: Uint8Array): boolean {
    if (this.#phase === 'opaque') return false;
    const found = this.#phase === 'lost' && this.#landmark.found(side, chunk);
    if (found) this.resume();
    if (this.#phase === 'lost') return false;
    this.#drain(side, chunk);
    // The bytes in which the place was lost may end where it is found again.
    if (this.#lost() && side === 'server') this.#landmark.found(side, chunk);
    return found;
  }

  /** Bytes are missing, or too much waits: what was pending will never be understood, and is let go of. */
  lose(): void {
    if (this.#phase === 'opaque') return;
    this.#phase = 'lost';
    this.#questions.clear();
    this.#pipeline = new Pipeline();
    this.#landmark.reset();
  }

  /** What follows begins afresh in an established connection: nothing is pending and both sides stand at a boundary. */
  resume(): void {
    if (this.#phase === 'opaque') return;
    this.#phase = 'ready';
    this.#questions.clear();
    this.#pipeline = new Pipeline();
    this.#framers.client.restart();
    this.#framers.server.restart();
  }

  #lost(): boolean {
    return this.#phase === 'lost';
  }

  #drain(side: Side, chunk: Uint8Array): void {
    const framer = this.#framers[side];
    framer.push(chunk);
    for (;;) {
      const framed = framer.next();
      if (framed.kind === 'need-more') return;
      if (framed.kind === 'fault') return this.lose();
      if (side === 'client') this.#client(framed);
      else this.#server(framed);
      if (this.#lost() || this.#phase === 'opaque') return;
    }
  }

  #client(frame: Frame): void {
    if (frame.kind === 'startup') return this.#packet(frame);
    const step = this.#phase === 'ready' ? this.#pipeline.client(frame) : undefined;
    if (step?.kind === 'query') this.prepared.simpleQuery();
    // The chunk it came with is not ours to keep.
    if (step !== undefined && LEARNT.has(step.kind))
      this.#questions.set(step, { ...frame, bytes: copied(frame.bytes) });
    this.#observe('client', frame, step);
    if (this.#pipeline.waiting > MOST_WAITING) this.lose();
  }

  #packet(frame: Frame): void {
    if (frame.type === 'startup') {
      this.#startup = copied(frame.bytes);
      this.#phase = 'authenticating';
    } else if (frame.type !== 'cancel') {
      this.#phase = 'negotiating';
      this.#framers.server.expectAnswer();
    }
    this.#observe('client', frame, undefined);
  }

  #server(frame: Frame): void {
    if (frame.kind === 'answer') {
      this.#phase = frame.type === 'N' ? 'startup' : 'opaque';
      return this.#observe('server', frame, undefined);
    }
    if (frame.type === 'S') this.#parameterChanged(frame);
    if (this.#phase === 'ready') return this.#answer(frame);
    if (this.#phase === 'authenticating' && frame.type === 'Z') this.#phase = 'ready';
    this.#observe('server', frame, undefined);
  }

  #answer(frame: Frame): void {
    if (frame.type === 'E') this.#errors += 1;
    const step = this.#pipeline.server(frame.type);
    if (step === 'astray') return this.lose();
    if (step !== undefined && step.state !== 'waiting') this.#answers += 1;
    if (step !== undefined && step.state !== 'failed') this.#learn(frame, step);
    this.#observe('server', frame, step);
    if (frame.type === 'Z') this.#readyForQuery(frame);
  }

  #learn(frame: Frame, step: Step): void {
    if (frame.type === 'C' && isDeallocateAll(frame)) this.prepared.allDeallocated();
    const question = this.#questions.get(step);
    if (question === undefined) return;
    if (frame.type === '1') this.prepared.parsed(question);
    if (frame.type === '2') this.prepared.bound(question);
    if (frame.type === '3') this.prepared.closed(question);
    if (step.kind === 'describe' && 'tTn'.includes(frame.type)) this.prepared.described(question, frame);
  }

  #readyForQuery(frame: Frame): void {
    this.#inTransaction = payload(frame)[0] !== 0x49;
    if (!this.#inTransaction) this.prepared.transactionEnded();
    for (const step of this.#questions.keys()) if (step.state !== 'waiting') this.#questions.delete(step);
  }

  #parameterChanged(frame: Frame): void {
    const reader = new Reader(payload(frame));
    const name = reader.text();
    const value = reader.text();
    if (reader.done) this.#parameters.set(name, value);
  }
}

function isDeallocateAll(frame: Frame): boolean {
  const tag = new Reader(payload(frame)).text();
  return tag === 'DEALLOCATE ALL' || tag === 'DISCARD ALL';
}
