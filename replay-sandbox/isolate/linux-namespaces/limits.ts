import { canBeReadOnly } from './mount-steps.ts';
import type { IsolationRequest } from '../isolation.ts';

interface LimitReport {
  readonly code: string;
  readonly errno: string;
  readonly detail: string;
}

/** What the helper could not do here, as a sentence. Undefined when nobody needs to know. */
export function limitSentence({ code, errno, detail }: LimitReport, projectDirectory: string): string | undefined {
  switch (code) {
    case 'dials':
      return `What the service dials is not reported (seccomp user notification: ${errno}); it is confined all the same.`;
    case 'clock':
      return `The service is a Go program that is already built, and its calls could not be answered (${errno}): it keeps the real time.`;
    case 'ipv6':
      return `There is no IPv6 in the sandbox (${errno}): the service cannot reach IPv6 addresses, mocks included.`;
    case 'proc':
      return `/proc in the sandbox shows the processes of the host (a new one was refused: ${errno}).`;
    case 'overlay-attributes':
      return 'The service cannot replace a directory of the project by a new one of the same name (this needs Linux 6.6).';
    case 'overlay':
      return overlayLimit(errno, detail, projectDirectory);
    case 'bind':
      return `${detail} is not the sandbox's own (${errno}), so names may not resolve in it.`;
    case 'mask':
      return `The unix socket ${detail} of the host could not be hidden (${errno}).`;
    default:
      return undefined;
  }
}

function overlayLimit(errno: string, directory: string, projectDirectory: string): string | undefined {
  if (directory === projectDirectory) {
    return `The project is read-only for the service: the kernel refused a throw-away copy of ${directory} (${errno}).`;
  }
  // There it is replaced by an empty directory, which hides no less.
  if (directory === '/run') return undefined;
  return `${directory} is shared with the host: the kernel refused a throw-away copy of it (${errno}).`;
}

/** What the request itself leaves open. */
export function requestLimits({ homeDirectory, hiddenUnixSockets }: IsolationRequest): readonly string[] {
  return [
    hiddenUnixSockets === 'all'
      ? 'Outside the project, the home directory, /run and /tmp the service can write where its user may.'
      : 'Outside the project and the home directory the service can write where its user may.',
    ...(hiddenUnixSockets === 'all' ? [] : ['Unix sockets of the host can be reached, as was asked for.']),
    ...(canBeReadOnly(homeDirectory) ? [] : ['The home directory is /, so it is not read-only.']),
  ];
}
