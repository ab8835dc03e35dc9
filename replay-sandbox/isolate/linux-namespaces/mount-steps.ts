import type { IsolationRequest } from '../isolation.ts';

export interface MountFacts {
  /** An empty directory of ours: memory is mounted on it, inside only. */
  readonly scratchDirectory: string;
  /** File in the sandbox -> the file that was made for it. */
  readonly generated: ReadonlyMap<string, string>;
  readonly hostUnixSockets: readonly string[];
}

/**
 * Where programs keep their sockets and files in passing. A throw-away copy hides the host's sockets, those that come
 * later included: a socket is found by its inode, and a copy has another.
 */
const SHARED_PLACES = ['overlay', '/run', 'empty', 'overlay', '/tmp', 'keep', 'empty', '/dev/shm'];

/**
 * The words of the step list in native/mounts.c. The order matters: a later step covers an earlier one, and the
 * project may lie in the home directory or in /tmp.
 */
export function mountSteps(request: IsolationRequest, facts: MountFacts): readonly string[] {
  const hidden = request.hiddenUnixSockets === 'all';
  return [
    'scratch',
    facts.scratchDirectory,
    ...(hidden ? SHARED_PLACES : []),
    ...(canBeReadOnly(request.homeDirectory) ? ['readonly', request.homeDirectory] : []),
    'overlay',
    request.projectDirectory,
    'readonly',
    ...bindSteps(request.binds, facts.generated),
    ...(hidden ? facts.hostUnixSockets.flatMap((path) => ['mask', path]) : []),
  ];
}

/** Some containers have / as home: read-only, it would take /tmp and the devices with it. */
export function canBeReadOnly(homeDirectory: string): boolean {
  return homeDirectory !== '/';
}

function bindSteps(asked: ReadonlyMap<string, string>, generated: ReadonlyMap<string, string>): readonly string[] {
  const ours = [...generated].filter(([inside]) => !asked.has(inside));
  return [
    ...ours.flatMap(([inside, outside]) => ['try-bind', outside, inside]),
    ...[...asked].flatMap(([inside, outside]) => ['bind', outside, inside]),
  ];
}
