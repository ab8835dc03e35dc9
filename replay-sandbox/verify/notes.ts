/** What a person should know who reads a verdict. */
import type { ReplayPlan } from '../plan/plan.ts';
import type { VerifyReport } from './report.ts';

/** Exemplars, from which two on what they have in common is taken for what all have. */
export const SURE = 2;

/** What the answer was held against, where that is little. */
export function notesOf(
  judgedBy: VerifyReport['judgedBy'],
  exemplars: number,
  { service }: Pick<ReplayPlan, 'service'>,
): readonly string[] {
  if (judgedBy === 'rules')
    return [
      `The recording has no good answer of this route of ${service}: judged by status and rules alone. --expect says what is right.`,
    ];
  return judgedBy === 'exemplars' && exemplars < SURE
    ? ['There is one exemplar of the route only: what it has by chance is expected, too.']
    : [];
}

/** Of several services: who is judged. */
export function noteOfCast([lead, ...others]: readonly string[]): readonly string[] {
  return others.length === 0
    ? []
    : [
        `Judged is the answer of ${lead}, which takes the request; ${others.join(' and ')} ${others.length === 1 ? 'runs' : 'run'} with it.`,
      ];
}
