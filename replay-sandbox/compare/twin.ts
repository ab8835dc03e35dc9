/** What differs between two equal runs is noise, whatever it looks like. */
import type { ReplayedCall } from '../match/call.ts';
import type { Difference } from '../match/difference.ts';
import type { Answer } from './answer.ts';
import { compareAnswers } from './compare.ts';

const EQUAL = 'differs between two equal runs';

/** What one run asked, and answered. */
export interface Run {
  readonly calls: readonly ReplayedCall[];
  readonly answer: Answer;
}

export interface TwinNoise {
  /** Places in the trigger's answer. */
  readonly answer: ReadonlySet<string>;
  /** A recorded exchange and a place in its question. */
  readonly asked: ReadonlySet<string>;
  /** In what the two answers are not of one kind: no noise, whatever the runs have in common. `first` is said as recorded. */
  readonly disagree: readonly Difference[];
}

/** The outcome itself, or something that only one of them has. */
function isOutcome({ where, recorded, asked }: Difference): boolean {
  return where === 'status' || where === 'grpc-status' || recorded === undefined || asked === undefined;
}

export function twinNoise(one: Run, other: Run): TwinNoise {
  const before = new Map(one.calls.map((call) => [call.exchange, call.found]));
  const asked = other.calls.flatMap(({ exchange, found = [] }) => {
    const then = new Map((before.get(exchange) ?? []).map(({ where, asked: value }) => [where, value]));
    return found
      .filter((one) => !isOutcome(one) && then.get(one.where) !== undefined && then.get(one.where) !== one.asked)
      .map(({ where }) => placeOf(exchange, where));
  });
  const found = compareAnswers(one.answer, other.answer, { recordedAt: 0, now: 0 });
  const disagree = found.filter(isOutcome);
  // Of a success and a failure nothing is the same value that came out otherwise.
  const isOther = disagree.some(({ where }) => where === 'status' || where === 'grpc-status');
  const answer = isOther ? [] : found.filter((one) => !isOutcome(one)).map(({ where }) => where);
  return { answer: new Set(answer), asked: new Set(asked), disagree };
}

/** Graded anew: what differed from the recording only where two runs differ is the recorded question. */
export function regraded(call: ReplayedCall, noise: TwinNoise): ReplayedCall {
  const { found = [], exchange, explanation = [] } = call;
  const twin = found.filter((one) => !one.noise && noise.asked.has(placeOf(exchange, one.where)));
  if (call.grade !== 'drifted' || twin.length === 0) return call;
  const known = found.map((one) => (twin.includes(one) ? { ...one, noise: true } : one));
  const lines = twin.map(({ where }) => `${where}: ${EQUAL}`);
  const rest = explanation.filter((line) => !twin.some(({ where }) => line.startsWith(`${where}: recorded `)));
  const grade = known.every((one) => one.noise) ? 'normalised' : call.grade;
  return { ...call, grade, found: known, explanation: [...rest, ...lines] };
}

/** Undefined: the two runs came to the same end. */
export function disagreement({ disagree: [first, ...more] }: TwinNoise): string | undefined {
  if (first === undefined) return undefined;
  const [one, other] = [first.recorded, first.asked].map((value) => (value === undefined ? 'nothing' : value));
  const others = more.length > 0 ? `, and ${more.length} more` : '';
  return `two equal runs disagree: ${first.where} was ${one}, then ${other}${others}; it is taken for no noise`;
}

export function withoutTwins(diff: readonly Difference[], noise: TwinNoise): readonly Difference[] {
  return diff.filter(({ where }) => !noise.answer.has(where));
}

function placeOf(exchange: string | undefined, where: string): string {
  return `${exchange ?? ''} ${where}`;
}
