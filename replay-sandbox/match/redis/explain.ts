/** Why a command has no recorded answer, or only a similar one, and what to do about it. */
import { summarise } from '../../../src/wire/redis/language/summary.ts';
import { describeDifference, type Difference } from '../difference.ts';
import type { Candidate, Compared } from './candidate.ts';
import type { Question } from './recorded.ts';
import { handlingOf, isRead } from './synthesised.ts';

const NEAREST = 3;
const LINE = 160;
/** Below this share of its keys' characters two commands have nothing to do with each other. */
const RELATED = 0.3;

export function explainAnswer(candidate: Candidate, found: readonly Difference[]): readonly string[] {
  const real = found.filter(({ noise }) => !noise).map(describeDifference);
  const repeated = candidate.served > 1 ? [`served ${times(candidate.served)}; recorded once`] : [];
  return [...real, ...repeated];
}

export function explainMiss(
  asked: readonly Question[],
  compared: readonly Compared[],
  all: readonly Candidate[],
  peer: string,
): readonly string[] {
  const line = lineOf(asked);
  const known = all.filter(({ recorded }) => handlingOf(recorded.question.name) === 'data');
  if (known.length === 0) return [`${line}: nothing was recorded for ${peer}.`];
  const nearest = compared.length > 0 ? compared.slice(0, NEAREST).map(servedAlready) : nearestCommands(asked, known);
  if (nearest.length === 0)
    return [`${line}: no recorded command of ${peer} resembles this.`, 'Try: loopctl show, to see what was recorded.'];
  return [
    `${line}: no recorded command asks this. Nearest:`,
    ...nearest.map((text) => `  ${text}`),
    'The service took another way than in production: the first call above that differs names the value.',
    'Try: loopctl show, to see what was recorded.',
  ];
}

function servedAlready({ candidate, found }: Compared): string {
  const real = found.filter(({ noise }) => !noise).map(describeDifference);
  const what = real.length > 0 ? real.join('; ') : 'the same command';
  const why = candidate.recorded.questions.every(isRead) ? '' : '; it changes data, so its answer is not given again';
  return `${recordedLine(candidate)}: ${what}${why}`;
}

function nearestCommands(asked: readonly Question[], all: readonly Candidate[]): readonly string[] {
  const text = lineOf(asked);
  const byLine = new Map(all.map((candidate) => [lineOf(candidate.recorded.questions), candidate]));
  return [...byLine]
    .map(([line, candidate]) => ({ candidate, likeness: likeness(text, line) }))
    .filter((entry) => entry.likeness >= RELATED)
    .toSorted((one, other) => other.likeness - one.likeness)
    .slice(0, NEAREST)
    .map(({ candidate }) => recordedLine(candidate));
}

function recordedLine({ recorded, served }: Candidate): string {
  return `${lineOf(recorded.questions)} (${served === 0 ? 'not served yet' : `already served ${times(served)}`})`;
}

/** A transaction is its commands, one behind the other. */
function lineOf(questions: readonly Question[]): string {
  return cut(questions.map(({ args }) => summarise({ args })).join('; ') || 'an empty transaction');
}

/** Dice's coefficient over the parts of both lines. */
function likeness(one: string, other: string): number {
  const left = new Set(wordsIn(one));
  const right = new Set(wordsIn(other));
  return (2 * [...left].filter((word) => right.has(word)).length) / Math.max(left.size + right.size, 1);
}

function wordsIn(line: string): readonly string[] {
  return line.split(/[\s:;"/{}]+/).filter((word) => word !== '');
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

function cut(text: string): string {
  return text.length > LINE ? `${text.slice(0, LINE - 1)}…` : text;
}
