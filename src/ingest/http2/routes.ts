import type { Header } from '../../domain/exchange.ts';
import { HEALTH_CHECK, isTooMuch, metadataOf, PATHS } from '../served.ts';
import type { CallKind } from '../transport.ts';

/** What a header list asks for. */
export type Route =
  | { readonly kind: CallKind; readonly headers: readonly Header[]; readonly metadata: readonly Header[] }
  | { readonly kind: 'health' | 'unknown' | 'no-grpc' | 'metadata'; readonly headers: readonly Header[] };

/** Envoy has a block of its own for each filter and logger: two for a sidecar, a few more with databases and attempts. */
const REMEMBERED = 16;

/** Equal header blocks of a connection come as one array: what it asks for is worked out once, and its metadata is one array too. */
export class Routes {
  readonly #known: Route[] = [];
  #next = 0;

  of(headers: readonly Header[]): Route {
    for (const route of this.#known) if (route.headers === headers) return route;
    const route = routeOf(headers);
    this.#known[this.#next] = route;
    this.#next = (this.#next + 1) % REMEMBERED;
    return route;
  }
}

function routeOf(headers: readonly Header[]): Route {
  const value = (wanted: string): string => headers.find(({ name }) => name === wanted)?.value ?? '';
  if (value(':method') !== 'POST' || !/^application\/grpc(?:[+;]|$)/.test(value('content-type')))
    return { kind: 'no-grpc', headers };
  const path = value(':path');
  if (path === HEALTH_CHECK) return { kind: 'health', headers };
  for (const kind of ['exchange', 'log'] as const) if (path === PATHS[kind]) return served(kind, headers);
  return { kind: 'unknown', headers };
}

function served(kind: CallKind, headers: readonly Header[]): Route {
  const metadata = metadataOf(headers);
  return isTooMuch(metadata) ? { kind: 'metadata', headers } : { kind, headers, metadata };
}
