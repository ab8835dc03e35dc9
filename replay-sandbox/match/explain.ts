/** Why a command has no recorded answer, or only a similar one, and what to do about it: what protocols of commands say alike. */
import type { AnswerSource } from './call.ts';
import type { Candidate, Compared, Recorded } from './candidates.ts';
import { describeDifference, type Difference } from './difference.ts';

const NEAREST = 3;
const LINE = 160;
/** Below this share of common words two questions have nothing to do with each other. */
const RELATED = 0.3;

/** `anew`: ids that the service made, which stand in the answer in place of recorded ones. */
export function explainAnswer<T extends Recorded>(
  { served, recorded }: Candidate<T>,
  found: readonly Difference[],
  anew: readonly string[] = [],
): readonly string[] {
  const repeated = served > 1 ? [`served ${times(served)}; recorded once`] : [];
  return [...borrowedLines(recorded.source), ...realOf(found), ...repeated, ...replacedLines(anew)];
}

export function replacedLines([first, ...more]: readonly string[]): readonly string[] {
  const others = more.length > 0 ? `, and ${more.length} more so` : '';
  return first === undefined ? [] : [`a recorded id stands replaced by ${first}${others}`];
}

/** Whose the answer is, when it is not the transaction's own. */
export const BORROWED_FROM = {
  exemplar: 'a good transaction of this route',
  ambient: 'what was recorded outside of any transaction',
  elsewhere: 'another request to this service in the same transaction',
} as const;

function borrowedLines(source: AnswerSource): readonly string[] {
  return source === 'loop' || source === 'candidate' ? [] : [`borrowed from ${BORROWED_FROM[source]}`];
}

/** How a protocol speaks of its questions. */
export interface Wording<T> {
  /** What is asked, as one line. */
  readonly asked: string;
  /** What one of them is called: `command`, `statement`. */
  readonly noun: string;
  readonly peer: string;
  line(recorded: T): string;
  isRead(recorded: T): boolean;
}

/** `nearest`: lines about what was recorded and resembles what is asked; used when nothing has its shape. */
export function explainMiss<T extends Recorded>(
  compared: readonly Compared<T>[],
  nearest: () => readonly string[],
  wording: Wording<T>,
): readonly string[] {
  const { asked, noun, peer } = wording;
  const lines = compared.length > 0 ? compared.slice(0, NEAREST).map((one) => differs(one, wording)) : nearest();
  if (lines.length === 0)
    return [`${asked}: no recorded ${noun} of ${peer} resembles this.`, 'Try: loopctl show, to see what was recorded.'];
  return [
    `${asked}: no recorded ${noun} asks this. Nearest:`,
    ...lines.map((line) => `  ${line}`),
    'The service took another way than in production: the first call above that differs names the value.',
    'Try: loopctl show, to see what was recorded.',
  ];
}

function differs<T extends Recorded>({ candidate, found }: Compared<T>, wording: Wording<T>): string {
  const real = realOf(found);
  const what = real.length > 0 ? real.join('; ') : `the same ${wording.noun}`;
  const why = wording.isRead(candidate.recorded) ? '' : '; it changes data, so its answer is not given again';
  return `${recordedLine(candidate, wording)}: ${what}${why}`;
}

export function recordedLine<T extends Recorded>(
  { recorded, served }: Candidate<T>,
  { line }: Pick<Wording<T>, 'line'>,
): string {
  return `${line(recorded)} (${served === 0 ? 'not served yet' : `already served ${times(served)}`})`;
}

/** The most alike of those that are alike at all, by their words. */
export function mostAlike<T>(
  all: Iterable<T>,
  words: ReadonlySet<string>,
  wordsOf: (one: T) => ReadonlySet<string>,
): readonly T[] {
  return [...all]
    .map((one) => ({ one, alike: likeness(words, wordsOf(one)) }))
    .filter(({ alike }) => alike >= RELATED)
    .toSorted((left, right) => right.alike - left.alike)
    .slice(0, NEAREST)
    .map(({ one }) => one);
}

/** Dice's coefficient: 1 for the same words, 0 for none in common. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return (2 * one.intersection(other).size) / Math.max(one.size + other.size, 1);
}

function realOf(found: readonly Difference[]): readonly string[] {
  return found.filter(({ noise }) => !noise).map(describeDifference);
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

export function cut(text: string, length = LINE): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
