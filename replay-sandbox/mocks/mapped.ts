/** Names that differ on the laptop: `pg.local=postgres.shop`, `localhost:5433=postgres.shop:5432`. */
import { ReplayError } from '../error.ts';
import type { Route } from './router.ts';

export interface Place {
  readonly name: string;
  readonly port?: number;
}

/** A recorded peer, and where the service looks for it. */
export interface MappedRoute {
  readonly at: Place & { readonly port: number };
  readonly route: Route;
}

const PLACE = /^(\[[0-9a-f:]+\]|[^:\s]+|[0-9a-f]*:[0-9a-f:]+)(?::(\d{1,5}))?$/i;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Undefined for what is no name. */
export function placeOf(text: string): Place | undefined {
  const [, name, port] = PLACE.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  return { name: name.toLowerCase(), ...(port !== undefined && { port: Number(port) }) };
}

export function isLoopback({ name }: Place): boolean {
  return LOOPBACK.test(name);
}

/** Throws ReplayError: `bad-config` for a name that was not recorded, since a mapping that leads nowhere is a slip; `bad-map` for one of several. */
export function mappedRoutes(map: Readonly<Record<string, string>>, routes: readonly Route[]): readonly MappedRoute[] {
  return Object.entries(map).flatMap(([here, recorded]) => {
    const from = placeOf(here);
    const to = placeOf(recorded);
    const found = to === undefined ? [] : routesAt(to, routes);
    if (from === undefined || found.length === 0) throw unknown(here, recorded, routes);
    const names = [...new Set(found.map(({ name }) => name))];
    if (names.length > 1) throw ambiguous(here, recorded, names);
    return found.map((route) => ({ at: { name: from.name, port: from.port ?? route.port }, route }));
  });
}

/** Those of the very name, else those that it is short for, as a resolver would have it: of several names, when it fits several. */
export function routesAt<R extends Pick<Route, 'name' | 'port'>>(
  { name, port }: Place,
  routes: readonly R[],
): readonly R[] {
  const there = routes.filter((route) => port === undefined || route.port === port);
  const same = there.filter((route) => route.name === name);
  return same.length > 0 ? same : there.filter((route) => route.name.startsWith(`${name}.`));
}

function ambiguous(here: string, recorded: string, names: readonly string[]): ReplayError {
  return new ReplayError(
    'bad-map',
    `--map ${here}=${recorded}: that may be ${names.join(' or ')}.`,
    `Name it in full: --map ${here}=${names[0]}`,
  );
}

function unknown(here: string, recorded: string, routes: readonly Route[]): ReplayError {
  const known = routes.map(({ name, port }) => `${name}:${port}`);
  return new ReplayError(
    'bad-config',
    `--map ${here}=${recorded}: no such peer was recorded.`,
    known.length === 0 ? 'Nothing was recorded that the service called.' : `Recorded are ${known.join(', ')}.`,
  );
}
