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
}

export function twinNoise(one: Run, other: Run): TwinNoise {
  const before = new Map(one.calls.map((call) => [call.exchange, call.found]));
  const asked = other.calls.flatMap(({ exchange, found = [] }) => {
    const then = new Map((before.get(exchange) ?? []).map(({ where, asked: value }) => [where, value]));
    return found
      .filter(({ where, asked: value }) => then.has(where) && then.get(where) !== value)
      .map(({ where }) => placeOf(exchange, where));
  });
  const answer = compareAnswers(one.answer, other.answer, { recordedAt: 0, now: 0 }).map(({ where }) => where);
  return { answer: new Set(answer), asked: new Set(asked) };
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

export function withoutTwins(diff: readonly Difference[], noise: TwinNoise): readonly Difference[] {
  return diff.filter(({ where }) => !noise.answer.has(where));
}

function placeOf(exchange: string | undefined, where: string): string {
  return `${exchange ?? ''} ${where}`;
}
