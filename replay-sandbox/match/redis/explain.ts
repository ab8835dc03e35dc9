/** Why a command has no recorded answer, or only a similar one, and what to do about it. */
import { summarise } from '../../../src/wire/redis/language/summary.ts';
import type { Candidate, Compared } from '../candidates.ts';
import { cut, explainMiss as explainOf, mostAlike, recordedLine, type Wording } from '../explain.ts';
import type { Question, Recorded } from './recorded.ts';
import { handlingOf, isRead } from './synthesised.ts';

interface Line {
  readonly text: string;
  readonly words: ReadonlySet<string>;
}

export function explainMiss(
  asked: readonly Question[],
  compared: readonly Compared<Recorded>[],
  all: readonly Candidate<Recorded>[],
  peer: string,
): readonly string[] {
  const line = lineOf(asked);
  const known = all.filter(({ recorded }) => handlingOf(recorded.question.name) === 'data');
  if (known.length === 0) return [`${line.text}: nothing was recorded for ${peer}.`];
  const wording: Wording<Recorded> = {
    asked: line.text,
    noun: 'command',
    peer,
    line: (recorded) => lineOf(recorded.questions).text,
    isRead: (recorded) => recorded.questions.every(isRead),
  };
  const nearest = (): readonly string[] => {
    const byLine = new Map(known.map((candidate) => [lineOf(candidate.recorded.questions).text, candidate]));
    const alike = mostAlike(byLine.values(), line.words, ({ recorded }) => lineOf(recorded.questions).words);
    return alike.map((candidate) => recordedLine(candidate, wording));
  };
  return explainOf(compared, nearest, wording);
}

/** Of what is recorded: each miss looks at all of it. */
const lines = new WeakMap<readonly Question[], Line>();

/** A transaction is its commands, one behind the other. */
function lineOf(questions: readonly Question[]): Line {
  const known = lines.get(questions);
  if (known !== undefined) return known;
  const text = cut(questions.map(({ args }) => summarise({ args })).join('; ') || 'an empty transaction');
  const line = { text, words: new Set(text.split(/[\s:;"/{}]+/).filter((word) => word !== '')) };
  lines.set(questions, line);
  return line;
}
