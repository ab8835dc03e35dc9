/** The deadline of a gRPC client, which nobody on the way is told to have passed: the client leaves, at each hop, as if it had changed its mind. */
import { GRPC_DEADLINE_EXCEEDED } from '../domain/grpc.ts';
import type { ExchangeFacts } from './facts.ts';
import { isClientGone } from '../domain/flags.ts';

/**
 * A client that leaves so shortly before its deadline is taken for one whose deadline passed. Clients round what they announce up (grpcio by up
 * to 1 %: 401 ms for 400, 1 min 0.1 s as 60100 ms), and a sidecar sees the request a little after the client's clock began to run.
 */
const TOLERANCE_MS = 10;
const TOLERANCE_SHARE = 0.02;

export function toleranceOf(deadlineMs: number): number {
  return Math.max(TOLERANCE_MS, deadlineMs * TOLERANCE_SHARE);
}

/** Its client left it without an answer, when its deadline had passed. */
export function hasMissedDeadline(facts: ExchangeFacts): boolean {
  return wasLeft(facts) && isOverdue(facts, lastedMs(facts));
}

/** As above, or the service itself said in time that it was too late. */
export function hasRunOutOfTime(facts: ExchangeFacts): boolean {
  if (facts.grpcStatus === GRPC_DEADLINE_EXCEEDED) return isOverdue(facts, facts.durationMs);
  return hasMissedDeadline(facts);
}

/** Its client left before its answer was whole. Without the access log an exchange whose call ended so is taken for left. */
export function wasLeft(facts: ExchangeFacts): boolean {
  if (facts.responseComplete || facts.grpcStatus !== undefined) return false;
  return facts.logged === true ? isClientGone(facts) : facts.end === 'closed' || facts.end === 'cancelled';
}

/** How long an exchange went on that broke off. */
export function lastedMs({ logged, durationMs, brokeOffMs }: ExchangeFacts): number | undefined {
  return logged === true ? durationMs : brokeOffMs;
}

function isOverdue({ deadlineMs }: ExchangeFacts, ms: number | undefined): boolean {
  return deadlineMs !== undefined && ms !== undefined && ms >= deadlineMs - toleranceOf(deadlineMs);
}

/** `deadline of 400 ms`; in three digits, since each hop is given a little less than the one before. */
export function sayDeadline({ deadlineMs = 0 }: ExchangeFacts): string {
  const inSeconds = deadlineMs >= 999.5;
  return `deadline of ${Number((inSeconds ? deadlineMs / 1000 : deadlineMs).toPrecision(3))} ${inSeconds ? 's' : 'ms'}`;
}
