/** All mocks of one replay, and the routes that lead to them. */
import type { Clock } from '../../src/domain/clock.ts';
import type { Exchange } from '../../src/domain/exchange.ts';
import { withDelays } from '../edit/delays.ts';
import { Bindings } from '../match/bindings.ts';
import type { CallLog } from '../match/call.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { Awaited, Order } from '../match/order.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import type { ConversationMock } from './conversations.ts';
import { CONVERSATION_MOCKS } from './conversations.ts';
import { createHttpMock } from './http/mock.ts';
import type { Dialled, Mock } from './mock.ts';
import type { Route } from './router.ts';
import type { Timers } from './stream/timers.ts';
import { processTimers } from './stream/timers.ts';
import type { Authority } from './tls/authority.ts';
import type { Silences } from './tls/silences.ts';

export interface Mocks {
  readonly routes: readonly Route[];
  unused(): readonly string[];
  /** The same with their ids and times. */
  unasked(): readonly Awaited[];
  /** The replay is over: calls that go on are told as far as they came. */
  settle(): void;
}

export interface MocksOptions {
  readonly plan: ReplayPlan;
  readonly log: CallLog;
  readonly clock: Clock;
  /** By default this process's. */
  readonly timers?: Timers | undefined;
  readonly matters: () => boolean;
  readonly authority?: Authority;
  /** Told of a client that did not believe the sandbox's certificate, and how that was seen. */
  readonly untrusted?: ((peer: Dialled, how: string) => void) | undefined;
  readonly silences?: Silences | undefined;
  /** What the service makes anew, over all peers; by default of these alone. */
  readonly bindings?: Bindings | undefined;
  /** Holds answers until it is their turn. */
  readonly order?: Order | undefined;
  /** By protocol: what the service may have for a password. */
  readonly passwords?: Readonly<Record<string, readonly string[]>>;
  /** Factor on the gaps of recorded streams: 1 as recorded; by default 0, at once. */
  readonly pace?: number | undefined;
}

export function createMocks(given: MocksOptions): Mocks {
  const { plan, log } = given;
  const order = withDelays(plan, given.order, given.timers ?? processTimers);
  const add: CallLog['add'] = (call) => {
    log.add(call);
    if (call.exchange !== undefined) order?.given(call.exchange);
  };
  const options = { ...given, order, bindings: given.bindings ?? new Bindings(), log: { add } };
  const parts = [httpPart(options), ...CONVERSATION_MOCKS.map((kind) => conversationPart(kind, options))];
  const mocks = parts.map(({ mock }) => mock);
  const unasked = (): readonly Awaited[] => mocks.flatMap((mock) => mock.unasked?.() ?? []);
  order?.expect(unasked());
  return {
    unasked,
    routes: distinct(parts.flatMap(({ routes }) => routes)),
    unused: () => mocks.flatMap((mock) => mock.unused()),
    settle: () => mocks.forEach((mock) => mock.settle?.()),
  };
}

/** A mock, and where it is found. */
interface Part {
  readonly mock: Mock;
  readonly routes: readonly Route[];
}

function httpPart(options: MocksOptions): Part {
  const { plan } = options;
  const mock = createHttpMock({ ...options, answers: plan.http });
  const routes = plan.http.toSorted(http2Last).map(({ exchange }) => ({
    name: exchange.peer.name,
    port: exchange.peer.port ?? 80,
    mock,
    clientFirst: true,
    alpn: isHttp2(exchange) ? ['h2', 'http/1.1'] : ['http/1.1', 'h2'],
  }));
  return { mock, routes };
}

function conversationPart(kind: ConversationMock, options: MocksOptions): Part {
  const { plan } = options;
  const conversations = plan.conversations.filter(({ protocol }) => protocol === kind.protocol);
  const mock = kind.create({
    ...options,
    answers: plan.commands.filter(({ command }) => command.protocol === kind.protocol),
    conversations,
    disguise: plan.disguise,
    passwords: options.passwords?.[kind.protocol] ?? [],
  });
  const { port, clientFirst } = kind;
  const routes = conversations.map(({ peer }) => ({ name: peer.name, port: peer.port ?? port, mock, clientFirst }));
  return { mock, routes };
}

/** Of two routes to one place the later counts: a peer that was ever asked over HTTP/2 speaks it by preference. */
function http2Last(one: HttpAnswer, other: HttpAnswer): number {
  return Number(isHttp2(one.exchange)) - Number(isHttp2(other.exchange));
}

function isHttp2({ protocol }: Exchange): boolean {
  return protocol === 'http/2';
}

function distinct(routes: readonly Route[]): readonly Route[] {
  return [...new Map(routes.map((route) => [`${route.name}:${route.port}`, route])).values()];
}
