/** What of a service's peers is real: the routes there, and the plan without what would have answered in their place. */
import type { Socket } from 'node:net';
import type { Clock } from '../../src/domain/clock.ts';
import type { Bindings } from '../match/bindings.ts';
import type { CallLog } from '../match/call.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { Route } from '../mocks/router.ts';
import type { Door } from '../plan/cast.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import type { Passed } from './host.ts';
import { addressText, RealHost } from './host.ts';
import type { LetThrough } from './let-through.ts';
import { passagesOf } from './let-through.ts';
import { RealService } from './service.ts';

export interface RealOptions {
  readonly plan: ReplayPlan;
  /** Of this service, to the others. */
  readonly doors: readonly Door[];
  readonly letThrough: readonly LetThrough[];
  /** To the port of another service, in its sandbox. */
  readonly connect: (service: string) => Promise<Socket>;
  readonly log: CallLog;
  readonly clock: Clock;
  readonly matters: () => boolean;
  /** What the services make anew. */
  readonly bindings: Bindings;
}

export interface Real {
  readonly routes: readonly Route[];
  /** What is mocked. */
  readonly plan: ReplayPlan;
  /** A sentence for each host that is let through. */
  readonly limits: readonly string[];
  unused(): readonly string[];
  /** The replay is over: what goes on is told as far as it came. */
  settle(): void;
  /** Whether a call to another service broke off, or found nobody. */
  broken(): boolean;
  passed(): readonly Passed[];
  close(): void;
}

const HTTP_PORT = 80;

/** Throws ReplayError `bad-real`. */
export function realPeers(options: RealOptions): Real {
  const { plan, doors } = options;
  const passages = passagesOf(options.letThrough, plan);
  const hosts = passages.map(({ name, port, address }) => {
    const host = new RealHost({ ...options, peer: `${name}:${port}`, address });
    return { host, route: { name, port, mock: host, clientFirst: false } };
  });
  const services = [...new Set(doors.map(({ to }) => to))].map((to) => serviceOf(to, options));
  const routes = [...services.flatMap((service) => service.routes), ...hosts.map(({ route }) => route)];
  const isReal = ({ name, port }: { readonly name: string; readonly port: number | undefined }): boolean =>
    routes.some((route) => route.name === name && (port === undefined || route.port === port));
  return {
    routes,
    plan: {
      ...plan,
      http: plan.http.filter((answer) => !isReal(placeOf(answer))),
      commands: plan.commands.filter(({ command: { peer } }) => !isReal({ name: peer.name, port: peer.port })),
      conversations: plan.conversations.filter(({ peer }) => !isReal({ name: peer.name, port: peer.port })),
    },
    limits: passages.map(
      ({ name, port, address }) =>
        `${name}:${port} is real: what the service says there reaches ${addressText(address)}, as --real asks.`,
    ),
    unused: () => services.flatMap(({ mock }) => mock.unused()),
    settle: () =>
      [...services.map(({ mock }) => mock), ...hosts.map(({ host }) => host)].forEach((one) => one.settle()),
    broken: () => services.some(({ mock }) => mock.isBroken),
    passed: () => hosts.map(({ host }) => host.passed()),
    close: () => hosts.forEach(({ host }) => host.close()),
  };
}

function serviceOf(
  to: string,
  options: RealOptions,
): { readonly mock: RealService; readonly routes: readonly Route[] } {
  const doors = options.doors.filter((door) => door.to === to);
  const answers = options.plan.http.filter((answer) => {
    const { name, port } = placeOf(answer);
    return doors.some((door) => door.name === name && door.port === port);
  });
  const mock = new RealService({ ...options, service: to, answers, connect: () => options.connect(to) });
  const routes = doors.map(({ name, port }) => ({
    name,
    port,
    mock,
    clientFirst: true,
    alpn: alpnOf(answers.filter((answer) => placeOf(answer).name === name)),
  }));
  return { mock, routes };
}

/** The bytes pass as they are, so the version is agreed on that the service speaks: the recorded one. */
function alpnOf(answers: readonly HttpAnswer[]): readonly string[] {
  return answers.some(({ exchange }) => exchange.protocol === 'http/2') ? ['h2'] : ['http/1.1'];
}

function placeOf({ exchange: { peer } }: HttpAnswer): { readonly name: string; readonly port: number } {
  return { name: peer.name, port: peer.port ?? HTTP_PORT };
}
