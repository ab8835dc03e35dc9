/** What all connections to one recorded database share: its answers, its cancel keys, its notifications. */
import { recordedParameters } from '../../../../src/wire/postgres/startup.ts';
import { StatementMatcher } from '../../../match/postgres/matcher.ts';
import type { Awaited } from '../../../match/order.ts';
import { questionOf } from '../../../match/postgres/recorded.ts';
import { PARAMETERS } from '../handshake.ts';
import { placeNotifications, type Announcement } from './notifications.ts';
import type { Timers } from '../../stream/timers.ts';
import { processTimers } from '../../stream/timers.ts';
import type { PostgresMockOptions } from '../mock.ts';
import type { Action, PostgresServer, ServerOptions } from '../server.ts';

/** A client that cancels has done so by then, counted from when it did in the recording. */
const CANCEL_GRACE_MS = 2000;
/** A notification comes as long after its cause as it was recorded, but nobody waits longer than this. */
const LONGEST_GAP_MS = 100;

/** One connection, as the others see it. */
export interface Member {
  readonly options: Pick<
    ServerOptions,
    'matcher' | 'parameters' | 'process' | 'served' | 'held' | 'cancel' | 'strange'
  >;
  serve(server: PostgresServer): void;
  leave(): void;
}

interface Seat {
  readonly process: number;
  readonly wake: (actions: readonly Action[]) => void;
  /** Each takes back something that is still to come. */
  readonly pending: Set<() => void>;
  server?: PostgresServer;
}

export class Database {
  readonly #name: string;
  readonly #timers: Timers;
  readonly #matcher: StatementMatcher;
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #announcements: ReadonlyMap<string, readonly Announcement[]>;
  readonly #seats = new Map<number, Seat>();
  #processes = 0;
  #strange = false;

  constructor(name: string, options: PostgresMockOptions) {
    const answers = options.answers.filter(({ command }) => command.peer.name === name);
    const conversations = (options.conversations ?? []).filter(
      ({ peer, protocol }) => peer.name === name && protocol === 'postgres',
    );
    const recorded = conversations.map(recordedParameters).find((parameters) => parameters.size > 0);
    this.#name = name;
    this.#timers = options.timers ?? processTimers;
    this.#parameters = new Map([...PARAMETERS, ...(recorded ?? []), ...Object.entries(options.parameters ?? {})]);
    this.#matcher = new StatementMatcher(answers, name, () => options.clock.now(), this.#parameters, options.bindings);
    this.#announcements = placeNotifications(
      answers.map(({ command }) => command),
      conversations,
    );
  }

  /** A client had a password that nobody told the sandbox: none is asked for any more. */
  get strange(): boolean {
    return this.#strange;
  }

  parameterTypes(sql: string): readonly number[] | undefined {
    return this.#matcher.describe(questionOf(sql))?.parameterTypes;
  }

  unused(): readonly string[] {
    return this.#matcher.unused().map(({ command }) => `${command.summary} at ${this.#name}`);
  }

  unasked(): readonly Awaited[] {
    return this.#matcher.unused().map(({ command: { id, summary, startedAt, endedAt } }) => {
      return { id, line: `${summary} at ${this.#name}`, startedAt, endedAt };
    });
  }

  /** `wake` is called with what happens without a message of the client. */
  join(wake: (actions: readonly Action[]) => void): Member {
    const seat: Seat = { process: ++this.#processes, wake, pending: new Set() };
    this.#seats.set(seat.process, seat);
    return {
      options: {
        matcher: this.#matcher,
        parameters: this.#parameters,
        process: seat.process,
        served: (command) => this.#served(command, seat),
        held: (ms) => this.#later(seat, ms + CANCEL_GRACE_MS, () => wake(seat.server?.release() ?? [])),
        cancel: (process, secret) => this.#cancel(process, secret),
        strange: () => (this.#strange = true),
      },
      serve: (server) => (seat.server = server),
      leave: () => {
        this.#seats.delete(seat.process);
        for (const takeBack of seat.pending) takeBack();
      },
    };
  }

  #cancel(process: number, secret: Uint8Array): void {
    const seat = this.#seats.get(process);
    if (seat?.server?.hasSecret(secret) === true) seat.wake(seat.server.cancel());
  }

  /** The connection that notifies hears of it before its own ReadyForQuery, the others a little later. */
  #served(command: string, by: Seat): void {
    for (const { channel, payload, process, afterMs, own } of this.#announcements.get(command) ?? []) {
      const notification = { process: own ? by.process : process, channel, payload };
      by.server?.queue(notification);
      for (const seat of this.#seats.values())
        if (seat !== by)
          this.#later(seat, Math.min(afterMs, LONGEST_GAP_MS), () =>
            seat.wake(seat.server?.notify(notification) ?? []),
          );
    }
  }

  #later(seat: Seat, ms: number, run: () => void): void {
    const takeBack = this.#timers.after(ms, () => {
      seat.pending.delete(takeBack);
      run();
    });
    seat.pending.add(takeBack);
  }
}
