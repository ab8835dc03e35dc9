/** A verification: one run, and another one where the first hangs on what the recording does not say. */
import type { ReplayOptions } from '../options.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { perform } from '../replay.ts';
import type { Doubt } from './doubt.ts';
import { atItsWorst, doubtsOf, isAskedAnew } from './doubt.ts';
import type { VerifyReport } from './report.ts';
import { withStrictErrors } from './strict.ts';
import type { VerifyWish } from './verify.ts';
import { verdictOf } from './verify.ts';

/** How long a service is watched that has answered: one that ends of it has not answered well. */
const WATCHED_MS = 300;

/** Throws what `perform` throws. */
export async function verify(options: ReplayOptions, wish: VerifyWish): Promise<VerifyReport> {
  const edit = options.edit ?? ((plan: ReplayPlan) => plan);
  const strict = { ...options, watchMs: WATCHED_MS, edit: (plan: ReplayPlan) => withStrictErrors(edit(plan)) };
  const { report, doubts } = await perform(strict, (seen) => ({
    report: verdictOf(seen, wish),
    doubts: doubtsOf(
      seen.players.map(({ plan }) => plan),
      seen.stage.calls,
    ),
  }));
  if (report.verdict !== 'gone' || doubts.length === 0) return report;
  options.events.progress('once more: what failed in the recording now answers whoever asks the like');
  const worst = { ...strict, edit: (plan: ReplayPlan) => atItsWorst(edit(plan)) };
  const { stands, anew } = await perform(worst, (seen) => {
    const plans = seen.players.map(({ plan }) => plan);
    return {
      stands: verdictOf(seen, wish).verdict === 'gone',
      anew: doubts.every((doubt) => isAskedAnew(doubt, plans, seen.stage.calls)),
    };
  });
  if (stands) return { ...report, notes: [...report.notes, ...doubts.map(stillWell)] };
  const notes = [...report.notes, ...doubts.map(anew ? askedAnew : cannotTell)];
  if (!anew) return { ...report, verdict: 'cannot-tell', confidence: 'low', notes };
  return { ...report, confidence: report.confidence === 'high' ? 'medium' : 'low', notes };
}

function stillWell({ what, peer }: Doubt): string {
  return `"${what}" at ${peer} failed in the recording; the service answers well also when it fails again.`;
}

function askedAnew({ what, peer }: Doubt): string {
  return `"${what}" at ${peer} failed in the recording; with the values that the service computes now it is answered as another was. Whether ${peer} takes them, the recording cannot tell.`;
}

function cannotTell({ what, peer, given }: Doubt): string {
  const how = given ? 'once more, and is answered' : 'with other values, and is answered';
  const why = given
    ? 'Whether it would have worked the next time, the recording cannot tell.'
    : 'These may differ by chance (a random number, a fresh id, a counter): whether the service was mended, the recording cannot tell.';
  return `"${what}" at ${peer} failed in the recording; now it is asked ${how} as another was. ${why}`;
}
