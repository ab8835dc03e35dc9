/** The deadline of a recorded gRPC call: stretched, so that its failure has the time to happen again, unless passing it was the failure. */
import type { Exchange, Header } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import { GRPC_DEADLINE_EXCEEDED, grpcStatusOf } from '../../src/domain/grpc.ts';
import { formatGrpcTimeout, grpcDeadlineOf } from '../../src/domain/grpc-timeout.ts';
import { hasMissedDeadline } from '../../src/verdict/deadline.ts';
import { factsOf } from '../../src/verdict/facts.ts';
import type { Answer } from '../compare/answer.ts';
import { NO_ANSWER } from '../compare/answer.ts';

/** A service starts cold, and a person may stop it at a breakpoint: a deadline of milliseconds would end the call before its failure. */
const LEAST_DEADLINE_MS = 3_600_000;

/** The header as it is sent. `patient`: a person holds the service, and no deadline is kept. */
export function withTime(one: Header, trigger: Exchange, patient: boolean): Header {
  const ms = one.name === 'grpc-timeout' ? deadlineOf(trigger) : undefined;
  if (ms === undefined || (!patient && ranOut(trigger))) return one;
  return { name: one.name, value: formatGrpcTimeout(Math.max(ms, LEAST_DEADLINE_MS)) };
}

/** After how many ms the client leaves, as the recorded one did; undefined where it waits. */
export function patienceOf(trigger: Exchange, patient: boolean): number | undefined {
  return !patient && hasMissedDeadline(factsOf(trigger)) ? deadlineOf(trigger) : undefined;
}

/** A service keeps the deadline too: which of the two is first is a matter of chance, and no difference. */
export function asLeft(answer: Answer): Answer {
  const { headers, trailers = [] } = answer;
  if (grpcStatusOf({ headers, trailers }) !== GRPC_DEADLINE_EXCEEDED) return answer;
  return header(headers, 'grpc-status') === undefined ? { ...answer, trailers: [] } : NO_ANSWER;
}

function ranOut(trigger: Exchange): boolean {
  const { response } = trigger;
  if (response === undefined || grpcStatusOf(response) === GRPC_DEADLINE_EXCEEDED) return true;
  return hasMissedDeadline(factsOf(trigger));
}

function deadlineOf({ request }: Exchange): number | undefined {
  return grpcDeadlineOf((name) => request && header(request.headers, name));
}
