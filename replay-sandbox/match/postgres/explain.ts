/** Why a statement has no recorded answer, or only a similar one, and what to do about it. */
import { describeDifference, type Difference } from '../difference.ts';
import { spelling } from './compare.ts';
import type { Candidate, Compared } from './candidate.ts';
import type { Question } from './recorded.ts';
import { isRead } from './synthesised.ts';

const NEAREST = 3;
const LINE = 160;
/** Below this share of common words two statements have nothing to do with each other. */
const RELATED = 0.3;

export function explainAnswer(candidate: Candidate, found: readonly Difference[]): readonly string[] {
  const real = found.filter(({ noise }) => !noise).map(describeDifference);
  const repeated = candidate.served > 1 ? [`served ${times(candidate.served)}; recorded once`] : [];
  return [...real, ...repeated];
}

export function explainMiss(
  asked: Question,
  compared: readonly Compared[],
  all: readonly Candidate[],
  peer: string,
): readonly string[] {
  if (all.length === 0) return [`${statement(asked)}: nothing was recorded for ${peer}.`];
  const nearest = compared.length > 0 ? compared.slice(0, NEAREST).map(servedAlready) : nearestStatements(asked, all);
  if (nearest.length === 0) {
    return [
      `${statement(asked)}: no recorded statement of ${peer} resembles this.`,
      'Try: loopctl show, to see what was recorded.',
    ];
  }
  return [
    `${statement(asked)}: no recorded statement asks this. Nearest:`,
    ...nearest.map((line) => `  ${line}`),
    'The service took another way than in production: the first call above that differs names the value.',
    'Try: loopctl show, to see what was recorded.',
  ];
}

function servedAlready({ candidate, found }: Compared): string {
  const real = found.filter(({ noise }) => !noise).map(describeDifference);
  const what = real.length > 0 ? real.join('; ') : 'the same statement';
  const why = isRead(candidate.statement.question.sql) ? '' : '; it changes data, so its answer is not given again';
  return `${recordedLine(candidate)}: ${what}${why}`;
}

function nearestStatements(asked: Question, all: readonly Candidate[]): readonly string[] {
  const words = wordsOf(asked.shape);
  const byShape = new Map(all.map((candidate) => [candidate.statement.question.shape, candidate]));
  return [...byShape.values()]
    .map((candidate) => ({ candidate, likeness: likeness(words, wordsOf(candidate.statement.question.shape)) }))
    .filter((entry) => entry.likeness >= RELATED)
    .toSorted((one, other) => other.likeness - one.likeness)
    .slice(0, NEAREST)
    .map(
      ({ candidate }) =>
        `${recordedLine(candidate)}: ${firstDifference(words, wordsOf(candidate.statement.question.shape))}`,
    );
}

function recordedLine({ statement: { question }, served }: Candidate): string {
  return `${cut(question.sql)} (${served === 0 ? 'not served yet' : `already served ${times(served)}`})`;
}

function statement(question: Question): string {
  const values = question.values.map(
    (_, index) => `$${index + 1} = ${cut(spelling(question, index, undefined) ?? 'NULL', 40)}`,
  );
  return values.length === 0 ? cut(question.sql) : `${cut(question.sql)} [${cut(values.join(', '))}]`;
}

function wordsOf(shape: string): readonly string[] {
  return shape.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? [];
}

/** Dice's coefficient over words: 1 for the same words, 0 for none in common. */
function likeness(one: readonly string[], other: readonly string[]): number {
  const left = new Set(one.map((word) => word.toLowerCase()));
  const right = new Set(other.map((word) => word.toLowerCase()));
  return (2 * [...left].filter((word) => right.has(word)).length) / (left.size + right.size);
}

function firstDifference(asked: readonly string[], recorded: readonly string[]): string {
  const at = asked.findIndex((word, index) => word !== recorded[index]);
  if (at === -1) return `recorded goes on with ${quoted(recorded.slice(asked.length))}`;
  return `recorded ${quoted(recorded.slice(at))}, asked ${quoted(asked.slice(at))}`;
}

function quoted(words: readonly string[]): string {
  return words.length === 0
    ? 'nothing more'
    : JSON.stringify(`${words.slice(0, 4).join(' ')}${words.length > 4 ? ' …' : ''}`);
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

function cut(text: string, length = LINE): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
