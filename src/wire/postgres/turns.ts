/**
 * Groups the messages of a connection into turns: one simple query, or what leads to one Execute (Parse, Describe, Bind), with its answer.
 * A Parse and Describe sent ahead of any Execute are a turn of their own.
 */
import type { Pushed } from '../../domain/conversation.ts';
import type { StreamId } from '../../domain/ids.ts';
import { decodeBackend } from './backend.ts';
import { decodeFrontend } from './frontend.ts';
import { messageFrame, type Frame } from './framing.ts';
import type { Step } from './pipeline.ts';
import type { Portal, Prepared, Statement } from './held.ts';
import { listensIn } from './language/listens.ts';

/** When the bytes of a message came, and for whom. */
export interface Arrival {
  readonly at: number;
  readonly openInbound: number;
  readonly owner?: StreamId;
}

export interface Turn {
  readonly arrival: Arrival;
  readonly asks: 'query' | 'execute' | 'nothing';
  /** Messages of this turn, as sent. */
  readonly request: readonly Uint8Array[];
  readonly response: readonly Uint8Array[];
  /** Notifications of a channel that it listens to; those that came within an answer stand in that too. */
  readonly pushed: readonly Pushed[];
  /** Arrival of the last part of the answer. */
  readonly answeredAt: number | undefined;
  /** `dropped`: never looked at by the server because of an earlier error, or its answer is not in the recording. */
  readonly outcome: 'open' | 'answered' | 'failed' | 'dropped';
  readonly sql: string | undefined;
  /** What it runs, as the server knew it; and whether its Parse and Bind came with this turn. */
  readonly statement: Statement | undefined;
  readonly portal: Portal | undefined;
  /** The rest of the answer is not in the recording. */
  readonly cut: boolean;
  readonly parsesHere: boolean;
  readonly bindsHere: boolean;
}

type OpenTurn = { -readonly [Key in keyof Turn]: Turn[Key] } & {
  /** Names of the statement it parses or describes, and of the portal it binds. */
  names: { statement?: string; portal?: string };
  request: Uint8Array[];
  response: Uint8Array[];
  pushed: Pushed[];
  steps: Step[];
};

export class Turns {
  readonly #turns: OpenTurn[] = [];
  readonly #bySteps = new Map<Step, OpenTurn>();
  readonly #prepared: Prepared;
  /** Takes the next Describe, Bind or Execute. */
  #building: OpenTurn | undefined;
  /** The latest turn that listens to a channel, of so many turns as were looked at. */
  readonly #listens = new Map<string, OpenTurn>();
  #lookedAt = 0;

  constructor(prepared: Prepared) {
    this.#prepared = prepared;
  }

  /** In the order they were begun. */
  finished(): readonly Turn[] {
    return this.#turns;
  }

  /** What waits for an answer will not get it: it lies where the recording has a hole. */
  lost(): void {
    for (const [step, turn] of this.#bySteps)
      if (step.state === 'waiting' && step.kind !== 'sync') {
        if (turn.response.some(isRow)) turn.cut = true;
        else turn.outcome = 'dropped';
      }
    this.#bySteps.clear();
    this.#building = undefined;
  }

  asked(frame: Frame, step: Step | undefined, arrival: Arrival): void {
    if (step === undefined) return;
    const turn = this.#bySteps.get(step) ?? this.#join(frame, step, arrival);
    if (turn === undefined) return;
    this.#bySteps.set(step, turn);
    if (step.kind === 'sync') return;
    turn.request.push(frame.bytes);
    if (!turn.steps.includes(step)) turn.steps.push(step);
    if (step.kind === 'query' || step.kind === 'parse') turn.sql ??= sqlIn(frame);
    this.#resolve(turn, step);
  }

  answered(frame: Frame, step: Step | undefined, at: number): void {
    if (frame.type === 'A') this.#notified(frame, at);
    const turn = step && this.#bySteps.get(step);
    if (step === undefined || turn === undefined) return;
    // Behind a Sync come errors and parameters that the statements in front of it have caused.
    if (step.kind !== 'sync' || frame.type === 'E' || frame.type === 'S') this.#answer(turn, step, frame, at);
    if (frame.type === 'E' || frame.type === 'Z') this.#sweep();
  }

  /** Where LISTEN was before the recording: to the turn that it came with, or behind. */
  #notified(frame: Frame, at: number): void {
    const message = decodeBackend(frame);
    if (message?.kind !== 'notification') return;
    for (const turn of this.#turns.slice(this.#lookedAt))
      for (const channel of listensIn(turn.sql ?? '')) this.#listens.set(channel, turn);
    this.#lookedAt = this.#turns.length;
    const turn = this.#listens.get(message.channel) ?? this.#turns.findLast(({ outcome }) => outcome !== 'dropped');
    turn?.pushed.push({ at, bytes: frame.bytes });
  }

  #answer(turn: OpenTurn, step: Step, frame: Frame, at: number): void {
    if (turn.response.length === 0 || frame.type === '1') this.#resolve(turn, step);
    turn.response.push(frame.bytes);
    turn.answeredAt = at;
    if (frame.type === 'E') turn.outcome = 'failed';
    else if (turn.outcome === 'open' && turn.steps.at(-1)?.state === 'answered') turn.outcome = 'answered';
  }

  /** The turn a question belongs to; undefined for what is no part of any. */
  #join(frame: Frame, step: Step, arrival: Arrival): OpenTurn | undefined {
    const building = this.#building;
    const { statement, portal } = step.names;
    switch (step.kind) {
      case 'query':
        return this.#begin(arrival, 'query');
      case 'parse':
        return this.#build(Object.assign(this.#begin(arrival), { parsesHere: true, names: { statement } }));
      case 'bind': {
        const joins = building !== undefined && !building.bindsHere && building.names.statement === statement;
        const turn = joins ? building : this.#begin(arrival);
        return this.#build(Object.assign(turn, { bindsHere: true, names: { statement, portal } }));
      }
      case 'describe':
        return this.#describes(frame, arrival);
      case 'execute': {
        this.#building = undefined;
        const joins = building?.bindsHere === true && building.names.portal === portal;
        return Object.assign(joins ? building : this.#begin(arrival), { asks: 'execute' });
      }
      case 'sync':
        this.#building = undefined;
        // A constraint that is checked at the end of the implicit transaction fails the Sync: an answer to the last statement.
        return this.#turns.at(-1);
      case 'close':
      case 'call':
        return undefined;
    }
  }

  #describes(frame: Frame, arrival: Arrival): OpenTurn {
    const message = decodeFrontend(frame);
    const what = message?.kind === 'describe' ? message.target : 'statement';
    const name = message?.kind === 'describe' ? message.name : '';
    const building = this.#building;
    if (building?.names[what] === name) return building;
    return this.#build(Object.assign(this.#begin(arrival), { names: { [what]: name } }));
  }

  #build(turn: OpenTurn): OpenTurn {
    this.#building = turn;
    return turn;
  }

  #begin(arrival: Arrival, asks: Turn['asks'] = 'nothing'): OpenTurn {
    const turn: OpenTurn = {
      arrival,
      asks,
      request: [],
      response: [],
      pushed: [],
      answeredAt: undefined,
      outcome: 'open',
      sql: undefined,
      statement: undefined,
      portal: undefined,
      cut: false,
      parsesHere: false,
      bindsHere: false,
      names: {},
      steps: [],
    };
    this.#turns.push(turn);
    return turn;
  }

  /** Asked twice: a guess when the question is sent, which stands if it is never answered, and the truth when the answer comes. */
  #resolve(turn: OpenTurn, step: Step): void {
    if (step.kind === 'execute' && !turn.bindsHere) {
      turn.portal = this.#prepared.portal(step.names.portal) ?? turn.portal;
      turn.statement = turn.portal?.statement ?? turn.statement;
    } else if (step.kind === 'bind' || step.kind === 'parse') {
      turn.statement = this.#prepared.statement(step.names.statement) ?? turn.statement;
    }
    if (turn.statement !== undefined && !turn.parsesHere) turn.sql = sqlIn(messageFrame(turn.statement.parse));
  }

  /** Answers come in order, so what is over stands first. */
  #sweep(): void {
    for (const [step, turn] of this.#bySteps) {
      if (step.state === 'waiting') return;
      if (step.state === 'skipped' && turn.outcome === 'open') turn.outcome = 'dropped';
      // A query or Sync that failed still gets its ReadyForQuery.
      if (
        step.state === 'failed' &&
        turn.response.at(-1)?.[0] === 0x45 &&
        (step.kind === 'query' || step.kind === 'sync')
      )
        return;
      this.#bySteps.delete(step);
    }
  }
}

function isRow([type]: Uint8Array): boolean {
  return type === 0x44;
}

function sqlIn(frame: Frame): string | undefined {
  const message = decodeFrontend(frame);
  return message?.kind === 'query' || message?.kind === 'parse' ? message.sql : undefined;
}
