/** Why a statement has no recorded answer, or only a similar one, and what to do about it. */
import type { Candidate, Compared } from '../candidates.ts';
import { cut, explainMiss as explainOf, mostAlike, recordedLine, type Wording } from '../explain.ts';
import { spelling } from './compare.ts';
import type { Question, RecordedStatement } from './recorded.ts';
import { isRead } from './synthesised.ts';

export function explainMiss(
  asked: Question,
  compared: readonly Compared<RecordedStatement>[],
  all: readonly Candidate<RecordedStatement>[],
  peer: string,
): readonly string[] {
  if (all.length === 0) return [`${statement(asked)}: nothing was recorded for ${peer}.`];
  const wording: Wording<RecordedStatement> = {
    asked: statement(asked),
    noun: 'statement',
    peer,
    line: ({ question }) => cut(question.sql),
    isRead: ({ question }) => isRead(question.sql),
  };
  const nearest = (): readonly string[] => {
    const words = wordsOf(asked.shape);
    const byShape = new Map(all.map((candidate) => [candidate.recorded.question.shape, candidate]));
    const alike = mostAlike(byShape.values(), folded(words), ({ recorded }) =>
      folded(wordsOf(recorded.question.shape)),
    );
    return alike.map(
      (candidate) =>
        `${recordedLine(candidate, wording)}: ${firstDifference(words, wordsOf(candidate.recorded.question.shape))}`,
    );
  };
  return explainOf(compared, nearest, wording);
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

function folded(words: readonly string[]): ReadonlySet<string> {
  return new Set(words.map((word) => word.toLowerCase()));
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
