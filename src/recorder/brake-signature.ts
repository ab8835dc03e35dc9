import { foldPath } from '../domain/route.ts';
import { flagsOfFailure } from '../domain/flags.ts';
import type { Entry } from './entry.ts';
import { requestOf } from './request.ts';
import type { Ring } from './ring.ts';
import type { Stream } from './streams.ts';

/** A signature is compared, never read: of a wide fan-out, so many failures tell enough. */
const FAILURES = 16;
const PATH_CHARACTERS = 200;

/**
 * What failed, where and how, by facts alone: each kind of failed exchange, and the route of the one that ended first, where the failure
 * most likely began. Two bugs may share it (their answers differ in text alone); one bug may have a few. Undefined when nothing failed.
 */
export function signatureOf(entry: Entry, ring: Ring): string | undefined {
  const failed = [...entry.streams].filter(({ failed: kind }) => kind !== undefined);
  const [first] = failed.toSorted((one, other) => one.endedAt - other.endedAt || other.number - one.number);
  if (first === undefined) return undefined;
  const kinds = [...new Set(failed.map(kindOf))].toSorted().slice(0, FAILURES);
  return `${routeOf(first, ring)}; ${kinds.join('; ')}`;
}

function kindOf({ vantage, failed, facts }: Stream): string {
  const flags = flagsOfFailure(facts.flags).join(',');
  const { status = '-', grpcStatus = '-' } = facts;
  return `${vantage.service} ${vantage.direction} ${failed} ${status} ${grpcStatus} ${flags}`;
}

/** Empty when age has taken the request. */
function routeOf(stream: Stream, ring: Ring): string {
  const request = requestOf(stream, ring);
  return request === undefined ? '' : `${request.method} ${foldPath(request.path.slice(0, PATH_CHARACTERS))}`;
}
