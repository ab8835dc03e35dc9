/**
 * For a service that was mended: a recorded error answers only who asks just that again. What another value would have been answered, it
 * does not say; an exemplar may.
 */
import type { CommandAnswer } from '../match/command.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { isErrorHttp } from './doubt.ts';

export function withStrictErrors(plan: ReplayPlan): ReplayPlan {
  return {
    ...plan,
    http: plan.http.map((answer) => (isErrorHttp(answer) ? { ...answer, onlySame: true } : answer)),
    commands: plan.commands.map(strictCommand),
  };
}

function strictCommand(answer: CommandAnswer): CommandAnswer {
  if (answer.command.error !== undefined) return { ...answer, onlySame: true };
  return answer.source === 'exemplar' ? { ...answer, standsIn: true } : answer;
}
