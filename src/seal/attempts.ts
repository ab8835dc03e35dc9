/** What is shown of the tries of a call that was retried. */
import type { Attempt, Exchange } from '../domain/exchange.ts';
import { attemptsOf, header } from '../domain/exchange.ts';
import { grpcStatusOf } from '../domain/grpc.ts';
import type { Redactor } from './redact.ts';
import type { AttemptView, ExchangeView } from './view-schema.ts';

/** Nothing when there was but one. */
export function viewAttempts(
  exchange: Exchange,
  redact: Redactor,
): Pick<ExchangeView, 'attemptCount' | 'attempts'> | undefined {
  const attemptCount = attemptsOf(exchange);
  if (attemptCount === 1) return undefined;
  const { attempts } = exchange;
  return { attemptCount, ...(attempts && { attempts: attempts.map((attempt) => viewAttempt(attempt, redact)) }) };
}

function viewAttempt({ answer, ...attempt }: Attempt, redact: Redactor): AttemptView {
  if (answer === undefined) return attempt;
  const status = Number(header(answer, ':status') ?? Number.NaN);
  // Envoy decides by the headers of an answer: only a status that is in them was known.
  const grpcStatus = grpcStatusOf({ headers: answer, trailers: [] });
  return {
    ...attempt,
    ...(Number.isInteger(status) && { status }),
    ...(grpcStatus !== undefined && { grpcStatus }),
    headers: answer.map((one) => redact.header(one)),
  };
}
