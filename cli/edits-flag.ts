/** `--edits file`: answers that are to be others than the recorded ones. */
import type { ReplayPlan } from '../replay-sandbox/plan/plan.ts';

export async function editOf(_file: string | undefined): Promise<(plan: ReplayPlan) => ReplayPlan> {
  return (plan) => plan;
}
