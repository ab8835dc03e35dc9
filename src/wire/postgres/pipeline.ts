/**
 * Which question the server is answering. A client may send many before the first answer comes; the server answers strictly in order,
 * and after an error in the extended protocol skips everything up to the next Sync. The tables say what each question can get.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
import { Fifo } from '../fifo.ts';
import { namesIn, type Names } from './frontend.ts';
import type { Frame } from './framing.ts';

export type StepKind = 'query' | 'call' | 'parse' | 'bind' | 'describe' | 'execute' | 'close' | 'sync';

/** `failed`: the server answered with an error. `skipped`: it never looked at it, because of an earlier error. */
export type StepState = 'waiting' | 'answered' | 'failed' | 'skipped';

/** One question of the client. Its state changes only here. */
export interface Step {
  readonly kind: StepKind;
  readonly names: Names;
  readonly state: StepState;
}

/** The server said something that answers no question: bytes are missing. */
export type Astray = 'astray';

const QUESTIONS: Readonly<Record<string, StepKind>> = {
  Q: 'query',
  F: 'call',
  P: 'parse',
  B: 'bind',
  D: 'describe',
  E: 'execute',
  C: 'close',
  S: 'sync',
};

/** The message that ends the answer, and those that may come before it. `query` and `call` end like `sync`. */
const ANSWERS: Readonly<Record<StepKind, { readonly ends: string; readonly parts: string }>> = {
  query: { ends: 'Z', parts: 'TDCIGHWdcE' },
  call: { ends: 'Z', parts: 'VE' },
  parse: { ends: '1', parts: '' },
  bind: { ends: '2', parts: '' },
  describe: { ends: 'Tn', parts: 't' },
  execute: { ends: 'CIs', parts: 'DGHWdc' },
  close: { ends: '3', parts: '' },
  sync: { ends: 'Z', parts: 'E' },
};

/** Notices, notifications and parameter changes come at any time. */
const ASIDE = 'NAS';

interface OpenStep extends Step {
  state: StepState;
  /** `in`: the server waits for copied data. `ended`: the client has sent its end. */
  copy: 'none' | 'in' | 'ended';
}

export class Pipeline {
  readonly #steps = new Fifo<OpenStep>();
  /** The last that can take copied data: clients send it before they are asked for it. */
  #latest: OpenStep | undefined;
  /** Nothing of the extended protocol was asked since the last ReadyForQuery. */
  #synced = true;

  /** Every question has been answered, and the last answer was ReadyForQuery. */
  get quiet(): boolean {
    return this.#synced && this.#steps.size === 0;
  }

  /** Questions that are to be answered. */
  get waiting(): number {
    return this.#steps.size;
  }

  /** The step a frame of the client asks or adds to; undefined when it is no question. */
  client(frame: Frame): Step | undefined {
    if (frame.type === 'd' || frame.type === 'c' || frame.type === 'f') return this.#copied(frame.type);
    const kind = QUESTIONS[frame.type];
    // A server that waits for copied data ignores Sync.
    if (kind === undefined || (kind === 'sync' && this.#steps.first?.copy === 'in')) return undefined;
    const step: OpenStep = { kind, names: namesIn(frame), state: 'waiting', copy: 'none' };
    this.#steps.push(step);
    if (kind === 'query' || kind === 'execute') this.#latest = step;
    this.#synced = false;
    return step;
  }

  /** The step a message of the server answers; undefined for what comes unasked while nothing is pending. */
  server(type: string): Step | Astray | undefined {
    const step = this.#steps.first;
    if (ASIDE.includes(type)) return step;
    if (type === 'Z') return this.#ready();
    if (step === undefined) return type === 'E' ? undefined : 'astray';
    if (type === 'E') return this.#failed(step);
    const answer = ANSWERS[step.kind];
    if (answer.ends.includes(type)) return this.#done(step);
    if (!answer.parts.includes(type)) return 'astray';
    if (type === 'G') this.#copyIn(step);
    return step;
  }

  #copied(type: 'd' | 'c' | 'f'): Step | undefined {
    const step = this.#steps.first?.copy === 'in' ? this.#steps.first : this.#latest;
    if (step !== undefined && type !== 'd') step.copy = 'ended';
    return step;
  }

  #copyIn(step: OpenStep): void {
    if (step.copy !== 'none') return;
    step.copy = 'in';
    // Its Sync went out before the server asked for data, and is ignored like one sent in between.
    if (step.kind === 'execute') this.#steps.keep(({ kind }) => kind !== 'sync');
  }

  #done(step: OpenStep): Step {
    if (step.state === 'waiting') step.state = 'answered';
    this.#leave();
    return step;
  }

  #failed(step: OpenStep): Step {
    step.state = 'failed';
    step.copy = 'ended';
    if (ANSWERS[step.kind].ends === 'Z') return step;
    this.#leave();
    while (this.#steps.first !== undefined && this.#steps.first.kind !== 'sync') this.#skip();
    return step;
  }

  #ready(): Step | undefined {
    this.#synced = true;
    for (let step = this.#steps.first; step !== undefined; step = this.#steps.first) {
      if (ANSWERS[step.kind].ends === 'Z') return this.#done(step);
      this.#skip();
    }
    return undefined;
  }

  #skip(): void {
    const step = this.#leave();
    if (step !== undefined) step.state = 'skipped';
  }

  #leave(): OpenStep | undefined {
    const step = this.#steps.shift();
    if (step === this.#latest) this.#latest = undefined;
    return step;
  }
}
