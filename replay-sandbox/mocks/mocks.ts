/** All mocks of one replay, and the routes that lead to them. */
import type { Clock } from '../../src/domain/clock.ts';
import type { CallLog } from '../match/call.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { createHttpMock } from './http1/mock.ts';
import type { Mock } from './mock.ts';
import { createPostgresMock } from './postgres/mock.ts';
import type { Route } from './router.ts';

export interface Mocks {
  readonly routes: readonly Route[];
  unused(): readonly string[];
}

export interface MocksOptions {
  readonly plan: ReplayPlan;
  readonly log: CallLog;
  readonly clock: Clock;
  readonly matters: () => boolean;
}

export function createMocks(options: MocksOptions): Mocks {
  const { plan } = options;
  const http = createHttpMock({ ...options, answers: plan.http });
  const httpRoutes = plan.http.map(({ exchange }) => ({
    name: exchange.peer.name,
    port: exchange.peer.port ?? 80,
    mock: http,
    clientFirst: true,
  }));
  const postgres = createPostgresMock({
    ...options,
    answers: plan.commands.filter(({ command }) => command.protocol === 'postgres'),
    conversations: plan.conversations,
  });
  const databaseRoutes = plan.conversations
    .filter((conversation) => conversation.protocol === 'postgres')
    .map(({ peer }) => ({ name: peer.name, port: peer.port ?? 5432, mock: postgres, clientFirst: false }));
  const mocks: readonly Mock[] = [http, postgres];
  return { routes: distinct([...httpRoutes, ...databaseRoutes]), unused: () => mocks.flatMap((mock) => mock.unused()) };
}

function distinct(routes: readonly Route[]): readonly Route[] {
  return [...new Map(routes.map((route) => [`${route.name}:${route.port}`, route])).values()];
}
