/** What each inbound exchange is known to have done so far: calls that are certainly its own, calls placed under it, commands. */
import type { Command } from '../../domain/conversation.ts';
import type { Exchange } from '../../domain/exchange.ts';
import type { StreamId } from '../../domain/ids.ts';
import type { Scene, Reading } from './scene.ts';
import { answeredAt } from './scene.ts';
import type { Timeline } from './features.ts';
import type { Values } from './value.ts';

/** Calls and commands alike. */
interface Done {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly id: string;
  readonly values: () => Values;
}

export class Trees {
  readonly #reading: Reading;
  readonly #parents: ReadonlyMap<StreamId, StreamId>;
  readonly #certain = new Map<StreamId, Done[]>();
  readonly #placed = new Map<StreamId, { readonly parent: StreamId; readonly done: Done }>();
  readonly #exchanges: ReadonlyMap<StreamId, Exchange>;

  constructor({ exchanges, links, commands }: Scene, reading: Reading) {
    this.#reading = reading;
    this.#parents = new Map(links.map(({ child, parent }) => [child, parent]));
    this.#exchanges = new Map(exchanges.map((exchange) => [exchange.id, exchange]));
    for (const { child, parent } of links) {
      const call = this.#exchanges.get(child);
      if (call?.vantage.direction === 'outbound') this.#add(parent, this.#ofCall(call));
    }
    for (const command of commands) if (command.owner !== undefined) this.#add(command.owner, this.#ofCommand(command));
  }

  /** Remembers where a call was placed; undefined: it keeps its place. */
  place(call: Exchange, parent: StreamId | undefined): void {
    if (parent !== undefined) this.#placed.set(call.id, { parent, done: this.#ofCall(call) });
  }

  placeCommand(command: Command, parent: StreamId): void {
    this.#add(parent, this.#ofCommand(command));
  }

  /** What the caller could have known when the call began: its request, and every answer it had by then. */
  knew(caller: Exchange, call: { readonly id: string; readonly startedAt: number }): Values {
    const values = new Map(this.#reading.asked(caller));
    for (const done of this.#doneBy(caller.id)) {
      if (done.id === call.id || done.endedAt > call.startedAt + 1) continue;
      for (const [value, name] of done.values()) if (!values.has(value)) values.set(value, name);
    }
    return values;
  }

  timeline(caller: Exchange, call: { readonly id: string }): Timeline {
    const others = this.#doneBy(caller.id).filter(({ id }) => id !== call.id);
    return {
      moments: [
        caller.startedAt,
        answeredAt(caller),
        ...others.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]),
      ],
    };
  }

  /** A call cannot have been made by what it led to. */
  isUnder(exchange: StreamId, ancestor: StreamId): boolean {
    const seen = new Set<StreamId>();
    for (let at: StreamId | undefined = exchange; at !== undefined && !seen.has(at); at = this.#above(at)) {
      if (at === ancestor) return true;
      seen.add(at);
    }
    return false;
  }

  #above(id: StreamId): StreamId | undefined {
    return this.#parents.get(id) ?? this.#placed.get(id)?.parent;
  }

  #doneBy(caller: StreamId): readonly Done[] {
    const placed = [...this.#placed.values()].filter(({ parent }) => parent === caller).map(({ done }) => done);
    return [...(this.#certain.get(caller) ?? []), ...placed];
  }

  #add(parent: StreamId, done: Done): void {
    this.#certain.set(parent, [...(this.#certain.get(parent) ?? []), done]);
  }

  #ofCall(call: Exchange): Done {
    const { id, startedAt, endedAt } = call;
    return { id, startedAt, endedAt, values: () => this.#reading.answered(call) };
  }

  #ofCommand(command: Command): Done {
    const { id, startedAt, endedAt } = command;
    return { id, startedAt, endedAt, values: () => this.#reading.answeredTo(command) };
  }
}
