/** Why a request has no recorded answer, and what to do about it. */
import { describeDifference } from '../difference.ts';
import type { Candidate, Compared } from './candidate.ts';
import type { Question } from './question.ts';

const NEAREST = 3;

export function explainMiss(
  asked: Question,
  compared: readonly Compared[],
  all: readonly Candidate[],
): readonly string[] {
  if (all.length === 0) return [`${asked.method} ${asked.path}: nothing was recorded for this peer.`];
  const nearest = compared.toSorted((one, other) => weight(one) - weight(other)).slice(0, NEAREST);
  if (nearest.length === 0) {
    const methods = [...new Set(all.map((candidate) => candidate.asked.method))].join(', ');
    return [`${asked.method} ${asked.path}: this peer was only asked ${methods} in the recording.`];
  }
  return [
    `${asked.method} ${asked.path}: no recorded call asks this. Nearest:`,
    ...nearest.map((entry) => `  ${line(entry)}`),
    'The service took another way than in production: the first call above that differs names the value.',
  ];
}

function line({ candidate, found }: Compared): string {
  const used =
    candidate.served === 0
      ? 'not served yet'
      : `already served ${candidate.served === 1 ? 'once' : `${candidate.served} times`}`;
  const real = found.filter((difference) => !difference.noise).map(describeDifference);
  const what =
    real.length === 0
      ? 'the same question'
      : real.slice(0, 3).join('; ') + (real.length > 3 ? `; and ${real.length - 3} more` : '');
  return `${candidate.asked.method} ${candidate.asked.path} (${used}): ${what}`;
}

function weight({ found }: Compared): number {
  return found.reduce(
    (sum, difference) => sum + (difference.noise ? 0 : difference.where.startsWith('path') ? 10 : 1),
    0,
  );
}
