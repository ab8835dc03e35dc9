/** Groups the frames of a connection into turns: one command with its answer, and what was pushed because of it. */
import type { Pushed } from '../../domain/conversation.ts';
import type { StreamId } from '../../domain/ids.ts';
import { splitReplies } from './backend.ts';
import type { Frame } from './framing.ts';
import { decodeFrontend, type Frontend } from './frontend.ts';
import type { Said, Step } from './pipeline.ts';

/** When the bytes of a message came, and for whom. */
export interface Arrival {
  readonly at: number;
  readonly openInbound: number;
  readonly owner?: StreamId;
}

export interface Turn {
  readonly arrival: Arrival;
  readonly command: Frontend;
  readonly request: Uint8Array;
  /** Replies, in order; of a command inside MULTI `QUEUED` and, once EXEC has run it, its own. */
  readonly response: readonly Uint8Array[];
  readonly pushed: readonly Pushed[];
  /** Arrival of the last part of the answer. */
  readonly answeredAt: number | undefined;
  /** `silent`: no answer was asked for. `dropped`: its answer is not in the recording. */
  readonly outcome: 'open' | 'answered' | 'silent' | 'dropped';
  /** From before the recording, as the state in front of it says. */
  readonly stated: boolean;
}

type OpenTurn = { -readonly [Key in keyof Turn]: Turn[Key] } & { response: Uint8Array[]; pushed: Pushed[] };

/** What confirms a subscription, and what comes of it. */
const SOURCES: Readonly<Record<string, string>> = {
  message: 'SUBSCRIBE',
  pmessage: 'PSUBSCRIBE',
  smessage: 'SSUBSCRIBE',
  sunsubscribe: 'SSUBSCRIBE',
  invalidate: 'CLIENT TRACKING',
  'tracking-redir-broken': 'CLIENT TRACKING',
  monitor: 'MONITOR',
};

export class Turns {
  #turns: OpenTurn[] = [];
  readonly #bySteps = new Map<Step, OpenTurn>();
  /** Steps that wait for EXEC. */
  #queued: Step[] = [];
  /** The latest turn that asked for a kind of push: by command, and by command and name where it has one. */
  readonly #sources = new Map<string, OpenTurn>();
  /** Turns from here on stand behind a place that was found by a landmark. */
  #doubted = 0;

  /** In the order they were begun. */
  finished(): readonly Turn[] {
    return this.#turns;
  }

  /** What waits for an answer will not get it: it lies where the recording has a hole. */
  lost(): void {
    for (const turn of this.#bySteps.values()) if (turn.outcome === 'open') turn.outcome = 'dropped';
    this.#bySteps.clear();
    this.#queued = [];
    this.#doubted = this.#turns.length;
  }

  /** Answers since the last loss were taken for those of other commands. */
  mistaken(): void {
    for (const turn of this.#turns.slice(this.#doubted)) turn.outcome = 'dropped';
  }

  asked(frame: Frame, step: Step | undefined, arrival: Arrival, stated: boolean): void {
    const command = decodeFrontend(frame);
    if (step === undefined || command === undefined) return;
    const turn: OpenTurn = {
      arrival,
      command,
      request: frame.bytes,
      response: [],
      pushed: [],
      answeredAt: undefined,
      outcome: step.state === 'silent' ? 'silent' : 'open',
      stated,
    };
    this.#turns.push(turn);
    this.#remember(step.name, turn);
    if (step.state !== 'silent') this.#bySteps.set(step, turn);
  }

  said(frame: Frame, said: Exclude<Said, { readonly kind: 'astray' }>, at: number): void {
    if (said.kind === 'push') this.#sourceOf(said)?.pushed.push({ at, bytes: frame.bytes });
    else this.#answered(frame, said.step, at);
  }

  #answered(frame: Frame, step: Step, at: number): void {
    const turn = this.#bySteps.get(step);
    if (turn === undefined) return;
    turn.response.push(frame.bytes);
    turn.answeredAt = at;
    if (step.state === 'waiting') return;
    turn.outcome = 'answered';
    if (step.state === 'queued') this.#queued.push(step);
    else this.#bySteps.delete(step);
    if (step.name === 'EXEC' || step.name === 'DISCARD' || step.name === 'RESET') this.#ran(frame, step, at);
  }

  #ran(frame: Frame, { ran }: Step, at: number): void {
    const replies = ran.length === 0 ? [] : splitReplies(frame.bytes);
    for (const [index, step] of ran.entries()) {
      const turn = this.#bySteps.get(step);
      const reply = replies[index];
      if (turn === undefined || reply === undefined) continue;
      turn.response.push(reply);
      turn.answeredAt = at;
    }
    // Not all that are waiting: a pipeline may have as many behind every transaction.
    for (const step of this.#queued) this.#bySteps.delete(step);
    this.#queued = [];
  }

  #remember(name: string, turn: OpenTurn): void {
    this.#sources.set(name, turn);
    if (!name.endsWith('SUBSCRIBE')) return;
    for (const channel of turn.command.args.slice(1)) this.#sources.set(sourceKey(name, channel), turn);
  }

  #sourceOf({ pushed, names }: Extract<Said, { readonly kind: 'push' }>): OpenTurn | undefined {
    const name = SOURCES[pushed];
    if (name === undefined) return undefined;
    return this.#sources.get(sourceKey(name, names[1])) ?? this.#sources.get(name);
  }
}

function sourceKey(name: string, channel: Uint8Array | undefined): string {
  return `${name} ${Buffer.from(channel ?? []).toString('latin1')}`;
}
