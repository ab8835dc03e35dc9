/**
 * Which gRPC status is a failure by itself, as a 5xx is. The line is HTTP's: what a service answers to a caller's mistake, or to the state of
 * its data, is a normal answer; what says that the service or the way to it broke is a failure.
 * https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
 */
import { grpcStatusName } from '../domain/grpc.ts';
import type { FailureKind } from '../domain/verdict.ts';

const FAILURES: ReadonlyMap<number, FailureKind> = new Map<number, FailureKind>([
  [2, 'status'], // UNKNOWN: an exception nobody mapped to a status, as 500 is.
  [4, 'timeout'], // DEADLINE_EXCEEDED: as 504.
  [12, 'status'], // UNIMPLEMENTED: as 501. Caller and service were deployed with different interfaces; no user can cause that.
  [13, 'status'], // INTERNAL: as 500.
  [14, 'unavailable'], // UNAVAILABLE: as 503.
  [15, 'status'], // DATA_LOSS
]);

/**
 * No failure: CANCELLED (the caller left), INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION, ABORTED,
 * OUT_OF_RANGE, UNAUTHENTICATED (as 4xx), RESOURCE_EXHAUSTED (as 429). A code without a name is UNKNOWN to every client.
 */
const HIGHEST_NAMED = 16;

export function grpcFailure(status: number): FailureKind | undefined {
  return status > HIGHEST_NAMED ? 'status' : FAILURES.get(status);
}

/** `grpc 13 INTERNAL` */
export function grpcSummary(status: number): string {
  return `grpc ${status} ${grpcStatusName(status)}`;
}
