/** What each inbound exchange is known to have done so far: calls that are certainly its own, calls placed under it, commands. */
import type { Command } from '../../domain/conversation.ts';
import type { Exchange } from '../../domain/exchange.ts';
import { methodOf, pathOf } from '../../domain/exchange.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { Knowledge } from './flowing.ts';
import type { Reading, Scene } from './scene.ts';
import { answeredAt } from './scene.ts';
import type { Values } from './value.ts';

/** A call, or a command, of somebody. */
export interface Done {
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** What calls of its kind have in common, and what it asked for. */
  readonly kind: string;
  readonly target: string;
  /** Probability that it was the caller's, 1 when it is certain. */
  readonly certainty: number;
  readonly asked: () => Values;
  readonly answered: () => Values;
}

/** A call of which it is asked who made it. */
export interface Asking {
  readonly id: string;
  readonly startedAt: number;
  readonly kind: string;
}

/** Less likely ones say nothing of their caller. */
const TELLING = 0.4;
const SURE = 0.8;

/** Method, peer and path, without the query. */
export function targetOf(call: Exchange): string {
  return `${methodOf(call)} ${call.peer.name} ${pathOf(call).split('?', 1)[0] ?? ''}`;
}

export class Trees {
  readonly #reading: Reading;
  readonly #parents: Map<StreamId, StreamId>;
  readonly #done = new Map<StreamId, Done[]>();

  constructor({ exchanges, links, commands }: Scene, reading: Reading) {
    this.#reading = reading;
    this.#parents = new Map(links.map(({ child, parent }) => [child, parent]));
    const byId = new Map(exchanges.map((exchange) => [exchange.id, exchange]));
    for (const { child, parent } of links) {
      const call = byId.get(child);
      if (call?.vantage.direction === 'outbound') this.place(call, '', parent, 1);
    }
    for (const command of commands) if (command.owner !== undefined) this.placeCommand(command, command.owner, 1);
  }

  /** Remembers where a call was placed; a second time it is moved. */
  place(call: Exchange, kind: string, parent: StreamId, certainty: number): void {
    const { id, startedAt, endedAt } = call;
    const target = targetOf(call);
    const before = this.#parents.get(id);
    if (before !== undefined)
      this.#done.set(
        before,
        this.of(before).filter((done) => done.id !== id),
      );
    if (certainty < TELLING) return;
    this.#parents.set(id, parent);
    this.#add(parent, {
      id,
      startedAt,
      endedAt,
      kind,
      target,
      certainty,
      asked: () => this.#reading.asked(call),
      answered: () => this.#reading.answered(call),
    });
  }

  placeCommand(command: Command, parent: StreamId, certainty: number): void {
    const { id, startedAt, endedAt } = command;
    const answered = (): Values => this.#reading.answeredTo(command);
    this.#add(parent, {
      id,
      startedAt,
      endedAt,
      kind: 'command',
      target: '',
      certainty,
      asked: () => this.#reading.askedBy(command),
      answered,
    });
  }

  of(caller: StreamId): Done[] {
    return this.#done.get(caller) ?? [];
  }

  /**
   * What the caller could have known when the call began: its request, and every answer it had by then; and what it asked others with, before or
   * after. Calls of one kind ask alike, so they say nothing of each other.
   */
  knew(caller: Exchange, call: Asking): Knowledge {
    const asked = this.#reading.asked(caller);
    const others = this.of(caller.id).filter(({ id }) => id !== call.id);
    const said = [
      ...others.filter(({ endedAt }) => endedAt <= call.startedAt + 1).map(({ answered }) => answered()),
      ...others.filter(({ certainty, kind }) => certainty >= SURE && kind !== call.kind).map((other) => other.asked()),
    ];
    return { get: (value) => asked.get(value) ?? said.find((values) => values.has(value))?.get(value) };
  }

  /** When something of the caller is known to have happened, Unix ms. */
  moments(caller: Exchange, call: { readonly id: string }): readonly number[] {
    const others = this.of(caller.id).filter(({ id }) => id !== call.id);
    return [caller.startedAt, answeredAt(caller), ...others.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt])];
  }

  /** A call cannot have been made by what it led to. */
  isUnder(exchange: StreamId, ancestor: StreamId): boolean {
    const seen = new Set<StreamId>();
    for (let at: StreamId | undefined = exchange; at !== undefined && !seen.has(at); at = this.#parents.get(at)) {
      if (at === ancestor) return true;
      seen.add(at);
    }
    return false;
  }

  #add(parent: StreamId, done: Done): void {
    this.#done.set(parent, [...this.of(parent), done]);
  }
}
