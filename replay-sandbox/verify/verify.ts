/** Whether the failure is gone: not whether the answer is the recorded one, which was the failure. */
import type { Exchange } from '../../src/domain/exchange.ts';
import { statusOf } from '../../src/domain/exchange.ts';
import type { Answer } from '../compare/answer.ts';
import type { Performance } from '../report/build.ts';
import { buildReport } from '../report/build.ts';
import type { ReplayReport } from '../report/report.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { failuresGiven } from './doubt.ts';
import { errorIn } from './error-in.ts';
import type { Judge } from './exemplars.ts';
import { exemplarsOf, expectationOf } from './exemplars.ts';
import type { Expectation } from './expectation.ts';
import { brokenIn } from './expectation.ts';
import { judgeAnswer } from './judged.ts';
import { noteOfCast, notesOf, SURE } from './notes.ts';
import { askedOtherwise } from './otherwise.ts';
import type { VerifyReport } from './report.ts';
import type { Broken } from './shape.ts';

export interface VerifyWish {
  /** Instead of the shape of exemplars. */
  readonly expected?: Expectation | undefined;
  readonly judge: Judge;
}

export function verdictOf(seen: Performance, { expected, judge }: VerifyWish): VerifyReport {
  const [{ plan }] = seen.players;
  const { options, answer } = seen;
  const report = buildReport(seen);
  const exemplars = exemplarsOf(options.recording, plan.trigger, judge);
  const held = expected ?? expectationOf(exemplars);
  const error = expected === undefined ? errorIn(answer, exemplars) : undefined;
  const recordedFailure = whyRecorded(seen, judge);
  const failure = stillFailing(seen, report, judge, recordedFailure);
  const broken = [
    ...(held === undefined ? redirected(answer, plan) : brokenIn(answer, held)),
    ...(error === undefined ? [] : [error]),
  ];
  const judgedBy = expected !== undefined ? 'expect' : held !== undefined ? 'exemplars' : 'rules';
  const missing = missingOf(report);
  const verdict = choose({ missing, failure, broken, unchanged: isUnchanged(seen, report, failure) });
  return {
    loop: report.loop,
    service: report.service,
    trigger: report.trigger,
    verdict,
    confidence: confidenceOf({ judgedBy, exemplars: exemplars.length, lent: hasStandIns(report) }),
    judgedBy,
    exemplars: exemplars.length,
    recordedFailure: recordedFailure ?? null,
    failure: failure ?? null,
    broken: [...broken],
    missing: [...missing],
    drifted: [...askedOtherwise(report.calls)],
    notMade: report.unused,
    notes: [...notesOf(judgedBy, exemplars.length, plan), ...noteOfCast(report.cast.map(({ service }) => service))],
    replay: report,
  };
}

function choose({
  missing,
  failure,
  broken,
  unchanged,
}: {
  readonly unchanged: boolean;
  readonly missing: readonly string[];
  readonly failure: string | undefined;
  readonly broken: readonly Broken[];
}): VerifyReport['verdict'] {
  if (missing.length > 0 && !unchanged) return 'cannot-tell';
  if (failure !== undefined) return 'still-fails';
  return broken.length > 0 ? 'hidden' : 'gone';
}

/** Of the trigger itself, or of a call below it when the service swallowed that. */
function whyRecorded({ options, players: [{ plan }] }: Performance, judge: Judge): string | undefined {
  const { origin, transaction } = options.recording;
  if (origin?.exchange === plan.trigger.id) return origin.summary;
  const own = judge(plan.trigger)?.summary;
  return own ?? (swallowedCall(origin?.exchange, transaction.exchanges, plan) && origin?.summary);
}

/** The failed call, when it is one of this service. */
function swallowedCall(
  id: string | undefined,
  exchanges: readonly Exchange[],
  { service }: ReplayPlan,
): Exchange | undefined {
  const { vantage } = exchanges.find((exchange) => exchange.id === id) ?? {};
  if (vantage?.service !== service || vantage.direction !== 'outbound') return undefined;
  return exchanges.find((exchange) => exchange.id === id);
}

function stillFailing(
  { answer, options, players: [{ plan }] }: Performance,
  { diff, calls, exitCode }: ReplayReport,
  judge: Judge,
  recorded: string | undefined,
): string | undefined {
  const { origin, transaction } = options.recording;
  const now = judgeAnswer(plan.trigger, answer, judge);
  if (now !== undefined) return now.summary;
  if (exitCode !== null && exitCode !== 0) return `the service ended with exit code ${exitCode} after its answer`;
  if (recorded === undefined) return undefined;
  const swallowed = judge(plan.trigger) === undefined && swallowedCall(origin?.exchange, transaction.exchanges, plan);
  if (swallowed) return calls.some(({ exchange }) => exchange === swallowed.id) ? recorded : undefined;
  // It failed by a rule that may not be at hand here: the same answer is the same failure.
  return diff.length === 0 ? recorded : undefined;
}

/** The same failure as recorded, by calls that were answered as recorded: a miss beside them is not what it fails of. */
function isUnchanged({ players, stage }: Performance, { diff, unused }: ReplayReport, failure?: string): boolean {
  if (failure === undefined || diff.length > 0) return false;
  const plans = players.map(({ plan }) => plan);
  return unused.length === 0 || failuresGiven(plans, stage.calls).size > 0;
}

/** Where no good answer is known, one that sends people elsewhere may send them to a page that says sorry. */
function redirected({ status = 0 }: Answer, { trigger }: ReplayPlan): readonly Broken[] {
  const then = statusOf(trigger) ?? 0;
  return status >= 300 && status < 400 && !(then >= 300 && then < 400)
    ? [{ path: 'status', expected: '2xx', got: `${status}: whether a redirect is right, no exemplar says` }]
    : [];
}

/** A dial to what was not recorded is none for a service that answers well. */
function missingOf({ missed, refused, replayed, diff }: ReplayReport): readonly string[] {
  const calls = missed.map(({ summary, peer }) => `${summary} at ${peer}`);
  const failed = replayed.status === null || replayed.status >= 500;
  const dials = failed && diff.length > 0 ? refused.map(({ kind, target }) => `${kind} ${target}`) : [];
  return [...calls, ...dials];
}

function confidenceOf(known: {
  readonly judgedBy: VerifyReport['judgedBy'];
  readonly exemplars: number;
  readonly lent: boolean;
}): VerifyReport['confidence'] {
  if (known.judgedBy === 'rules') return 'low';
  if (known.lent) return 'medium';
  return known.judgedBy === 'expect' || known.exemplars >= SURE ? 'high' : 'medium';
}

/** Whether the database takes what is written now, no recording says. */
function hasStandIns({ calls }: ReplayReport): boolean {
  return calls.some(({ grade, source, matters }) => matters && grade === 'drifted' && source === 'exemplar');
}
