/**
 * Follows one connection: cuts both sides into frames and says for each frame which command it asks or answers. Phases:
 *
 *     ready ─SYNC, PSYNC, a TLS hello─► opaque (nothing can be read any more)
 *     ready ─bytes missing or not understood─► lost ─an answer ends, then a command begins─► ready
 *
 * There is no start: HELLO, AUTH and SELECT are commands like any other.
 */
import { MOST_WAITING } from '../fifo.ts';
import { Framer, type Frame, type Reading, type Side } from './framing.ts';
import { firstArgs } from './frontend.ts';
import { Held, LEARNT } from './held.ts';
import { LandmarkSearch } from './landmark.ts';
import { mayAnswer } from './language/answers.ts';
import { Pipeline, type Said, type Step } from './pipeline.ts';

export type Phase = 'ready' | 'opaque' | 'lost';

/** Told of every frame as it comes: of the client with its step, of the server with what it said. */
export interface Observer {
  asked(frame: Frame, step: Step | undefined): void;
  said(frame: Frame, said: Exclude<Said, { readonly kind: 'astray' }>): void;
  /** Since the place was found again, answers were taken for those of other commands. */
  mistaken(): void;
}

export interface SessionOptions {
  readonly reading?: Reading;
  /** Most bytes of names of subscriptions to hold. */
  readonly heldBytes?: number;
}

/** Only in version 3. */
const THIRD = '_,#(=!~%|>';

export class Session {
  readonly held: Held;
  readonly #framers: Readonly<Record<Side, Framer>>;
  readonly #observer: Observer;
  readonly #landmark = new LandmarkSearch();
  /** Of every step that is still waiting and will change what is held, its arguments. */
  readonly #questions = new Map<Step, readonly Uint8Array[]>();
  #pipeline: Pipeline;
  #phase: Phase = 'ready';
  /** The place was found by a landmark, which may be mistaken. */
  #doubtful = false;
  #answers = 0;
  #errors = 0;

  constructor(observer: Observer, options: SessionOptions = {}) {
    this.#observer = observer;
    this.held = new Held(options.heldBytes);
    this.#pipeline = new Pipeline(this.held);
    this.#framers = { client: new Framer('client', options.reading), server: new Framer('server', options.reading) };
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Both sides stand at a boundary, every command has been answered, and no transaction is open. */
  get quiet(): boolean {
    const settled = this.#phase === 'ready' && this.#pipeline.quiet;
    return settled && this.#framers.client.atBoundary && this.#framers.server.atBoundary;
  }

  atBoundary(side: Side): boolean {
    return this.#framers[side].atBoundary;
  }

  get inTransaction(): boolean {
    return this.#pipeline.inTransaction;
  }

  get mute(): boolean {
    return this.#pipeline.mute;
  }

  /** Commands whose answers have come to their end since the beginning. */
  get answers(): number {
    return this.#answers;
  }

  /** Answers since the beginning that are errors, or may have one in them. */
  get errors(): number {
    return this.#errors;
  }

  /** Takes the next bytes of one side. True when the place was found again at the beginning of these bytes. */
  feed(side: Side, chunk: Uint8Array): boolean {
    if (this.#phase === 'opaque') return false;
    const found = this.#phase === 'lost' && this.#landmark.found(side, chunk);
    if (found) {
      this.resume();
      this.#doubtful = true;
    }
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
    this.#pipeline = new Pipeline(this.held);
    this.#landmark.reset();
  }

  /** What follows begins afresh in an established connection: nothing is pending and both sides stand at a boundary. */
  resume(): void {
    if (this.#phase === 'opaque') return;
    this.#phase = 'ready';
    this.#doubtful = false;
    this.#questions.clear();
    this.#pipeline = new Pipeline(this.held);
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
      if (framed.kind === 'fault') return this.#astray(side === 'client' && chunk[0] === TLS_HELLO);
      if (side === 'client') this.#client(framed);
      else this.#server(framed);
      if (this.#phase !== 'ready') return;
    }
  }

  #client(frame: Frame): void {
    const step = this.#pipeline.client(frame);
    this.#observer.asked(frame, step);
    if (step === undefined) return;
    if (this.#pipeline.waiting > MOST_WAITING) return this.lose();
    if (step.name === 'SYNC' || step.name === 'PSYNC') this.#phase = 'opaque';
    if (!LEARNT.has(step.name)) return;
    // The chunk it came with is not ours to keep.
    const args = firstArgs(frame, QUESTION_ARGS).map((arg) => new Uint8Array(arg));
    if (step.state === 'silent') this.held.learnt(args, undefined);
    else this.#questions.set(step, args);
  }

  #server(frame: Frame): void {
    if (THIRD.includes(frame.type)) this.held.version = 3;
    const said = this.#pipeline.server(frame);
    if (said.kind === 'astray') return this.#astray(false);
    if (said.kind === 'answer') {
      if (this.#doubtful && !mayAnswer(said.step.name, frame.type)) return this.#astray(false);
      this.#answers += 1;
      if (mayFail(frame, said.step)) this.#errors += 1;
      this.#learn(said.step, frame);
    }
    this.#observer.said(frame, said);
  }

  #learn(step: Step, frame: Frame): void {
    // A transaction that ran changes what its commands would have.
    for (const ran of step.ran) this.#take(ran, undefined);
    if (step.state === 'answered') this.#take(step, frame);
    else if (step.state !== 'queued' && step.state !== 'waiting') this.#questions.delete(step);
  }

  #take(step: Step, frame: Frame | undefined): void {
    const args = this.#questions.get(step);
    if (args === undefined) return;
    this.#questions.delete(step);
    this.held.learnt(args, frame?.cut === false ? frame.bytes : undefined);
  }

  #astray(encrypted: boolean): void {
    if (this.#doubtful) this.#observer.mistaken();
    this.lose();
    if (encrypted) this.#phase = 'opaque';
  }
}

/** HELLO with credentials and a name has seven, CLIENT TRACKING one per prefix. */
const QUESTION_ARGS = 64;
/** https://www.rfc-editor.org/rfc/rfc8446#section-5.1: handshake. */
const TLS_HELLO = 0x16;

/** Of what EXEC ran, an error stands inside its answer, at the beginning of a line. Values may look like one. */
function mayFail({ type, bytes, cut }: Frame, { name }: Step): boolean {
  if (type === '-' || type === '!') return true;
  if (name !== 'EXEC' || type !== '*') return false;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1))
    if (bytes[at + 1] === MINUS || bytes[at + 1] === BANG) return true;
  return cut;
}

const LINE_FEED = 0x0a;
const MINUS = 0x2d;
const BANG = 0x21;
