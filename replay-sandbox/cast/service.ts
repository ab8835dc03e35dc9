/** A peer that really runs: another service of the replay, in a sandbox of its own. */
import type { Socket } from 'node:net';
import type { Clock } from '../../src/domain/clock.ts';
import { header, methodOf, pathOf } from '../../src/domain/exchange.ts';
import { ReplayError } from '../error.ts';
import type { Bindings } from '../match/bindings.ts';
import type { CallLog, ReplayedCall } from '../match/call.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { Match } from '../match/http/matcher.ts';
import { HttpMatcher } from '../match/http/matcher.ts';
import type { Dialled, Mock } from '../mocks/mock.ts';
import { join, reset } from './along.ts';
import { HeardCall } from './heard.ts';
import { alongHttp } from './http-along.ts';
import type { RecordedCalls } from './told.ts';
import { matchCall, tellHeard } from './told.ts';

export interface RealServiceOptions {
  /** Whose name is asked. */
  readonly service: string;
  /** To its port, in its sandbox. */
  readonly connect: () => Promise<Socket>;
  /** What the caller's calls of it were answered in the recording. */
  readonly answers: readonly HttpAnswer[];
  readonly log: CallLog;
  readonly clock: Clock;
  readonly matters: () => boolean;
  /** What the services make anew. */
  readonly bindings: Bindings;
}

export class RealService implements Mock {
  readonly protocol = 'http';
  readonly #options: RealServiceOptions;
  /** A call broke off, or found nobody. */
  isBroken = false;
  readonly #open = new Set<HeardCall>();
  readonly #recorded = new Map<string, RecordedCalls>();

  constructor(options: RealServiceOptions) {
    this.#options = options;
  }

  serve(socket: Socket, dialled: Dialled): void {
    socket.on('error', () => socket.destroy());
    void this.#options.connect().then(
      (server) => {
        if (socket.destroyed) return void server.destroy();
        join(
          socket,
          server,
          alongHttp(() => this.#call(dialled)),
        );
      },
      (error: unknown) => {
        this.#refused(dialled, error);
        reset(socket);
      },
    );
  }

  unused(): readonly string[] {
    return [...new Set(this.#options.answers.map(({ exchange }) => exchange.peer.name))].flatMap((name) =>
      this.#of(name)
        .matcher.unused()
        .map((exchange) => `${methodOf(exchange)} ${pathOf(exchange)} at ${name}`),
    );
  }

  settle(): void {
    for (const call of this.#open) call.settle();
  }

  #call(dialled: Dialled): HeardCall {
    const tell = this.#teller(dialled);
    const recorded = this.#of(dialled.name);
    // Before it is answered: what is asked behind it speaks of the same ids.
    let match: Match | undefined;
    const call: HeardCall = new HeardCall(
      (heard) => {
        this.#open.delete(call);
        this.isBroken ||= heard.ended === 'broken';
        tell(tellHeard({ ...heard, match }, recorded, this.#options.clock.now()));
      },
      (asked) => {
        if (header(asked.headers, 'upgrade') === undefined) match = matchCall(asked, recorded.matcher);
      },
    );
    this.#open.add(call);
    return call;
  }

  #refused(dialled: Dialled, error: unknown): void {
    this.isBroken = true;
    const why =
      error instanceof ReplayError ? error.message : `${this.#options.service} takes no connections on its port`;
    const explanation = [why];
    this.#teller(dialled)({ protocol: 'tcp', summary: 'connection', grade: 'real', explanation });
  }

  /** It begins now. */
  #teller({ name, port }: Dialled): (told: Omit<ReplayedCall, 'peer' | 'ms' | 'matters'>) => void {
    const { clock, log } = this.#options;
    const began = clock.now();
    const matters = this.#options.matters();
    return (told) => log.add({ peer: `${name}:${port}`, matters, ms: clock.now() - began, ...told });
  }

  /** Repeats are counted per peer. */
  #of(name: string): RecordedCalls {
    const known = this.#recorded.get(name);
    if (known !== undefined) return known;
    const answers = this.#options.answers.filter(({ exchange }) => exchange.peer.name === name);
    const { bindings, clock } = this.#options;
    const made = { answers, bindings, matcher: new HttpMatcher(answers, () => clock.now(), bindings) };
    this.#recorded.set(name, made);
    return made;
  }
}
