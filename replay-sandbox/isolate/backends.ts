/** The isolation backends there are, strongest first, and which one a replay takes. */
import type { IsolationBackend } from './isolation.ts';
import { linuxNamespaces } from './linux-namespaces/backend.ts';
import { nodePreload } from './node-preload/backend.ts';

export const ISOLATIONS = ['linux-namespaces', 'node-preload'] as const;
export type IsolationName = (typeof ISOLATIONS)[number];

/** `now` gives Unix ms. */
export function isolationBackend(name: IsolationName, now: () => number): IsolationBackend {
  return name === 'linux-namespaces' ? linuxNamespaces() : nodePreload(now);
}

/**
 * What a replay takes when nobody says. Where the kernel has namespaces and refuses them, that is for a person to mend, or to name
 * another: a weaker isolation is never taken in silence.
 */
export function usualIsolation(platform: NodeJS.Platform): IsolationName {
  return platform === 'linux' ? 'linux-namespaces' : 'node-preload';
}
