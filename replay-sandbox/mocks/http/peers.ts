/** What a peer answers over HTTP, whatever the version it is asked in: question → match → call log. */
import type { Clock } from '../../../src/domain/clock.ts';
import type { Exchange, Header } from '../../../src/domain/exchange.ts';
import { header, methodOf, pathOf } from '../../../src/domain/exchange.ts';
import { isGrpc } from '../../../src/domain/grpc.ts';
import { Bindings } from '../../match/bindings.ts';
import type { CallLog, ReplayedCall } from '../../match/call.ts';
import type { Candidate, HttpAnswer } from '../../match/http/candidate.ts';
import type { Match } from '../../match/http/matcher.ts';
import { HttpMatcher } from '../../match/http/matcher.ts';
import { question } from '../../match/http/question.ts';
import type { Awaited, Order } from '../../match/order.ts';
import { isEventStream } from '../../../src/wire/sse/exchange.ts';
import type { Dialled } from '../mock.ts';
import { cutOf, lacks } from '../stream/cut.ts';
import type { Timers } from '../stream/timers.ts';
import type { AnswerWriter } from './streamed.ts';
import { isStreamed, playAnswer } from './streamed.ts';

export interface HttpMockOptions {
  /** Recorded calls, in recorded order. */
  readonly answers: readonly HttpAnswer[];
  readonly log: CallLog;
  readonly clock: Clock;
  /** False once the trigger has its answer: later calls cannot have affected it. */
  readonly matters: () => boolean;
  /** What the service makes anew; one for all peers of a replay. */
  readonly bindings?: Bindings | undefined;
  /** Holds answers until it is their turn. */
  readonly order?: Order | undefined;
  /** Factor on the gaps of recorded streams: 1 as recorded; by default 0, at once. */
  readonly pace?: number | undefined;
  /** Of streams; by default those of the process. */
  readonly timers?: Timers | undefined;
}

/** A stream that goes on, until somebody wants to know how far it came. */
export interface OpenStream {
  stop(): void;
}

/** A whole request. */
export interface Asked {
  readonly method: string;
  /** Path with query. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/** How a recorded answer ended, and ends again. */
export type Ending = 'answered' | 'reset' | 'hangs';

/** Puts an answer on the wire in one version of HTTP. */
export interface Responder {
  recorded(exchange: Exchange): Ending;
  missed(explanation: readonly string[]): void;
  /** For an answer that goes out by and by. */
  begin(): AnswerWriter;
}

const ENDINGS: Readonly<Record<Ending, readonly string[]>> = {
  answered: [],
  hangs: ['no answer was recorded: the call hangs, as it did'],
  reset: ['the recorded answer was cut off: so is this one'],
};

export class HttpPeers {
  /** One per recorded peer: repeats are counted per peer, not per address. */
  readonly #matchers = new Map<string, HttpMatcher>();

  readonly #open = new Set<OpenStream>();
  readonly #bindings: Bindings;
  /** How streams are played. */
  readonly options: HttpMockOptions;

  constructor(options: HttpMockOptions) {
    this.options = options;
    this.#bindings = options.bindings ?? new Bindings();
  }

  /** Recorded calls of one method and path, served or not, in recorded order. */
  recorded(peer: Dialled, method: string, target: string): readonly Candidate[] {
    return this.#matcher(peer.name).of(method, target.split('?', 1)[0] ?? target);
  }

  /** A stream begins; what is called back when it has ended. */
  opened(stream: OpenStream): () => void {
    this.#open.add(stream);
    return () => this.#open.delete(stream);
  }

  /** Streams that are still open tell how far they came. */
  settle(): void {
    for (const stream of this.#open) stream.stop();
  }

  answer(peer: Dialled, asked: Asked, responder: Responder): void {
    const { clock, log, matters } = this.options;
    const began = clock.now();
    const mattered = matters();
    const plain = question(asked.method, asked.target, asked.headers, asked.body);
    const match = this.#matcher(peer.name).match(plain, (disguise) => {
      const { target, headers, body } = disguise.http(asked);
      return question(asked.method, target, headers, body);
    });
    const grpc = isGrpc(header(asked.headers, 'content-type'));
    const summary = grpc ? asked.target : `${asked.method} ${asked.target}`;
    const call = { peer: `${peer.name}:${peer.port}`, matters: mattered };
    const tell = (protocol: string, said: string, outcome: Outcome): void =>
      log.add({ ...call, protocol, summary: said, askedAt: began, ms: clock.now() - began, ...outcome });
    if (match.kind === 'answer' && !grpc && isStreamed(match.exchange))
      this.#stream(match, responder.begin(), (protocol, more, outcome) => tell(protocol, summary + more, outcome));
    else this.#inTurn(match, (notes) => tell(grpc ? 'grpc' : 'http', summary, respond(match, responder, notes)));
  }

  #inTurn(match: Match, give: (notes: readonly string[]) => void): void {
    const { order } = this.options;
    if (order === undefined || match.kind === 'miss') give([]);
    else order.turn([match.exchange.id], give);
  }

  #stream(
    match: Match & { readonly kind: 'answer' },
    writer: AnswerWriter,
    tell: (protocol: string, more: string, outcome: Outcome) => void,
  ): void {
    const { exchange, source } = match;
    const events = isEventStream(exchange.response);
    let closed = (): void => undefined;
    const stream = playAnswer({
      exchange,
      source,
      writer,
      options: this.options,
      done: ({ grade, explanation = [] }, { played }) => {
        closed();
        const lines = [...match.explanation, ...explanation];
        const differs = grade === 'drifted' ? grade : match.grade;
        const outcome = {
          grade: differs,
          source,
          exchange: exchange.id,
          ...(lines.length > 0 && { explanation: lines }),
        };
        tell(events ? 'sse' : 'http', events ? ` (${played} received)` : '', outcome);
      },
    });
    const forget = this.opened(stream);
    closed = forget;
  }

  /** Recorded answers nothing asked for, one line each. */
  unused(): readonly string[] {
    const names = new Set(this.options.answers.map((answer) => answer.exchange.peer.name));
    return [...names].flatMap((name) =>
      this.#matcher(name)
        .unused()
        .map((exchange) => `${methodOf(exchange)} ${pathOf(exchange)} at ${name}`),
    );
  }

  unasked(): readonly Awaited[] {
    const names = new Set(this.options.answers.map((answer) => answer.exchange.peer.name));
    return [...names].flatMap((name) =>
      this.#matcher(name)
        .unused()
        .map((exchange) => {
          const { id, endedAt, response } = exchange;
          const line = `${methodOf(exchange)} ${pathOf(exchange)} at ${name}`;
          return { id, line, startedAt: exchange.startedAt, endedAt: response?.endedAt ?? endedAt };
        }),
    );
  }

  #matcher(name: string): HttpMatcher {
    const { answers, clock } = this.options;
    const own = () => answers.filter((answer) => answer.exchange.peer.name === name);
    const matcher = this.#matchers.get(name) ?? new HttpMatcher(own(), () => clock.now(), this.#bindings);
    this.#matchers.set(name, matcher);
    return matcher;
  }
}

type Outcome = Pick<ReplayedCall, 'grade' | 'exchange' | 'source' | 'explanation' | 'found' | 'nearest'>;

function respond(match: Match, responder: Responder, notes: readonly string[]): Outcome {
  if (match.kind === 'miss') {
    responder.missed(match.explanation);
    const { explanation, nearest } = match;
    return { grade: 'missed', explanation, ...(nearest && { nearest }) };
  }
  const { exchange, source, explanation, found = [] } = match;
  const ending = responder.recorded(exchange);
  // It is broken off here, since there is no more of it: the peer did not do that.
  const isCut = ending === 'reset' && cutOf(exchange).server;
  const grade = isCut ? 'drifted' : match.grade;
  const lines = [...explanation, ...notes, ...(isCut ? [lacks('server')] : ENDINGS[ending])];
  return { grade, source, exchange: exchange.id, found, ...(lines.length > 0 && { explanation: lines }) };
}
