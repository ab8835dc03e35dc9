/**
 * For a service that was mended: a recorded error answers only who asks just that again. What another value would have been answered, it
 * does not say; an exemplar may.
 */
import { statusOf } from '../../src/domain/exchange.ts';
import { grpcStatusOf } from '../../src/domain/grpc.ts';
import type { HttpAnswer } from '../match/http/candidate.ts';
import type { ReplayPlan } from '../plan/plan.ts';

export function withStrictErrors(plan: ReplayPlan): ReplayPlan {
  return {
    ...plan,
    http: plan.http.map((answer) => (isError(answer) ? { ...answer, onlySame: true } : answer)),
    commands: plan.commands.map((answer) =>
      answer.command.error === undefined ? answer : { ...answer, onlySame: true },
    ),
  };
}

function isError({ exchange }: HttpAnswer): boolean {
  const { response } = exchange;
  if (response === undefined) return false;
  return (statusOf(exchange) ?? 0) >= 400 || (grpcStatusOf(response) ?? 0) !== 0;
}
