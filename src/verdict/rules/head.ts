/** What is known of an exchange when its request is: who, whom, what. */
import type { Direction } from '../../domain/exchange.ts';
import type { Glob } from './glob.ts';
import { compileNameGlob } from './glob.ts';

export interface RequestHead {
  /** Of the sidecar that saw it. */
  readonly service: string;
  readonly direction: Direction;
  /** The name the caller used, lower-case, without port; empty for inbound. */
  readonly peer: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The first of this lower-case name. */
  readonly header: (name: string) => string | undefined;
}

type About = (head: RequestHead) => boolean;

/**
 * A rule that names a service is about what that service answers, whichever sidecar saw it: its own, or its caller's, who may have found nobody
 * there. With `direction: outbound` it is about what the service asks of others.
 */
export function isAbout(services: readonly string[], direction: Direction | undefined): About {
  const own = services.map(compileNameGlob);
  const asked = services.map(compilePeerGlob);
  return (head) => {
    if (head.direction === 'inbound' || direction === 'outbound') return own.some((glob) => glob(head.service));
    return asked.some((glob) => glob(head.peer));
  };
}

/** `orders` is also `orders.shop.svc.cluster.local`, as callers write it; a pattern with a dot is compared as a whole. */
export function compilePeerGlob(pattern: string): Glob {
  const glob = compileNameGlob(pattern);
  if (pattern.includes('.')) return glob;
  return (name) => glob(name) || (/[a-z]/.test(name) && glob(name.split('.', 1)[0] ?? ''));
}

export function barePathOf(path: string): string {
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}
