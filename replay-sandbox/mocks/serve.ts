/** Puts the mocks into the sandbox: names, listeners, routes. */
import type { Clock } from '../../src/domain/clock.ts';
import type { Isolation } from '../isolate/isolation.ts';
import { Refusals } from '../launch/refusals.ts';
import type { Bindings } from '../match/bindings.ts';
import type { CallLog } from '../match/call.ts';
import type { Awaited, Order } from '../match/order.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { serveDns } from './dns/server.ts';
import { createMocks } from './mocks.ts';
import { AddressBook } from './names.ts';
import { isLoopback, mappedRoutes, placeOf, routesAt } from './mapped.ts';
import type { Refusal } from './refusal.ts';
import type { Route } from './router.ts';
import { Router } from './router.ts';
import { withSuggestion } from './suggest.ts';
import type { Timers } from './stream/timers.ts';
import type { Authority } from './tls/authority.ts';
import { Silences } from './tls/silences.ts';
import { untrusted } from './tls/untrusted.ts';

export interface ServeOptions {
  readonly plan: ReplayPlan;
  readonly isolation: Isolation;
  readonly authority: Authority;
  readonly clock: Clock;
  /** By default this process's. */
  readonly timers?: Timers | undefined;
  readonly log: CallLog;
  readonly matters: () => boolean;
  /** What the service makes anew. */
  readonly bindings?: Bindings | undefined;
  /** Holds answers until it is their turn. */
  readonly order?: Order | undefined;
  /** Factor on the gaps of recorded streams: 1 as recorded; by default 0, at once. */
  readonly pace?: number | undefined;
  /** By protocol: what the service may have for a password. */
  readonly passwords: Readonly<Record<string, readonly string[]>>;
  /** Where the service itself listens. */
  readonly servicePort?: number | undefined;
  /** Port of the service's own loopback -> recorded peer. */
  readonly loopback: Readonly<Record<string, string>>;
  /** Name on this machine -> recorded peer. */
  readonly map?: Readonly<Record<string, string>> | undefined;
  /** The service's variables: they tell what a name that is not known stands for. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Peers that are real: they are no mocks, and are found as those are. */
  readonly real?: readonly Route[];
}

export interface ServedMocks {
  readonly routes: readonly Route[];
  unused(): readonly string[];
  /** The same with their ids and times. */
  unasked(): readonly Awaited[];
  /** Resolves when no client is left that may be about to leave for want of trust; bounded. */
  heard(): Promise<void>;
  /** The replay is over: calls that go on are told as far as they came. */
  settle(): void;
  refused(): Refusal[];
  close(): void;
}

export async function serveMocks(options: ServeOptions): Promise<ServedMocks> {
  const { isolation } = options;
  const silences = new Silences();
  const mocks = createMocks({ ...options, silences, untrusted: (peer, how) => refusals.add(untrusted(peer, how)) });
  const real = options.real ?? [];
  const recorded = [...real, ...mocks.routes];
  const mapped = mappedRoutes(options.map ?? {}, recorded);
  const elsewhere = mapped.filter(({ at }) => !isLoopback(at));
  const routes = [
    ...recorded,
    ...elsewhere.map(({ at, route }) => ({ ...route, ...at, recorded: { name: route.name, port: route.port } })),
  ];
  const book = new AddressBook(routes.map((route) => route.name));
  const refusals = new Refusals(book, routes, [isolation.dnsAddress, isolation.serviceAddress]);
  const router = new Router({
    routes,
    book,
    authority: options.authority,
    refused: (refusal) => refusals.add(refusal),
    silences,
  });
  isolation.onDial((dial) => refusals.dialled(dial));
  const watched = watchLoopback(options, recorded, refusals);
  await serveDns(isolation, book, (refusal) => refusals.add(refusal));
  for (const port of router.ports()) router.attach(await isolation.listen(port, 'mocks'), port);
  for (const [port, route] of loopbackRoutes(options, recorded))
    router.attachAs(await isolation.listen(port, 'service-loopback'), route);
  return {
    routes: mocks.routes,
    unused: () => mocks.unused(),
    unasked: () => mocks.unasked(),
    heard: async () => void (await Promise.all([silences.over(), ...watched])),
    settle: () => mocks.settle(),
    refused: () => refusals.list().map((refusal) => withSuggestion(refusal, routes, options.env ?? {})),
    close: () => router.close(),
  };
}

/** A laptop's database is at localhost, production's has a name: a dial to where nobody is tells which name that may be. */
function watchLoopback(
  options: ServeOptions,
  recorded: readonly Route[],
  refusals: Refusals,
): readonly Promise<void>[] {
  const { isolation } = options;
  const own = new Set([options.servicePort, ...loopbackRoutes(options, recorded).keys()]);
  const asked = new Set(recorded.map(({ port }) => port).filter((port) => !own.has(port)));
  const watched: Promise<void>[] = [];
  isolation.onDial(({ kind, address, port = 0 }) => {
    if (kind !== 'tcp' || !isLoopback({ name: address }) || !asked.delete(port)) return;
    // It may have started something there itself.
    const found = isolation.connect(port).then((socket) => void socket.destroy());
    watched.push(found.catch(() => refusals.noneAtHome(port)));
  });
  return watched;
}

/** Ports of the service's own loopback: those loop.yaml calls so, and those that are mapped. */
function loopbackRoutes({ loopback, map = {} }: ServeOptions, recorded: readonly Route[]): ReadonlyMap<number, Route> {
  const set = Object.entries(loopback).flatMap(([port, peer]): [number, Route][] => {
    const place = placeOf(peer);
    const [route] = place === undefined ? [] : routesAt(place, recorded);
    return route === undefined ? [] : [[Number(port), route]];
  });
  const mapped = mappedRoutes(map, recorded).filter(({ at }) => isLoopback(at));
  return new Map([...set, ...mapped.map(({ at, route }): [number, Route] => [at.port, route])]);
}
