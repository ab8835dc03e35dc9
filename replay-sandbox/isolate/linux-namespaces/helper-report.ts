import { getSystemErrorName } from 'node:util';

/** A line that loop-isolate writes; native/loop-isolate.h lists them. */
export type HelperReport =
  | { readonly kind: 'limit' | 'error'; readonly code: string; readonly errno: string; readonly detail: string }
  | { readonly kind: 'ready' | 'started'; readonly pid: number }
  | {
      readonly kind: 'dial';
      readonly at: number;
      readonly protocol: 'tcp' | 'udp' | 'unix';
      readonly port: number;
      readonly address: string;
    }
  | { readonly kind: 'exited'; readonly code: number; readonly signal: number };

/** Undefined for a line that is none of ours. */
export function parseReport(line: string): HelperReport | undefined {
  const [kind = '', first = '', second = '', third = '', fourth = ''] = line.split('\t');
  switch (kind) {
    case 'limit':
    case 'error':
      return { kind, code: first, errno: errorName(Number(second)), detail: third };
    case 'ready':
    case 'started':
      return { kind, pid: Number(first) };
    case 'dial':
      return isProtocol(second)
        ? { kind, at: Number(first), protocol: second, port: Number(third), address: fourth }
        : undefined;
    case 'exited':
      return { kind, code: Number(first), signal: Number(second) };
    default:
      return undefined;
  }
}

function isProtocol(text: string): text is 'tcp' | 'udp' | 'unix' {
  return text === 'tcp' || text === 'udp' || text === 'unix';
}

function errorName(errno: number): string {
  return errno > 0 ? getSystemErrorName(-errno) : '';
}
