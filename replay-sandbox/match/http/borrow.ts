/**
 * What a good transaction was answered to the same route stands in for a read that the recording goes without: the service got further than
 * it did then. Only ids that are made anew may differ: `7` and `9` are two things. Writes are not borrowed.
 */
import { BORROWED_FROM } from '../explain.ts';
import { isIdentity } from '../../../src/domain/noise.ts';
import type { Difference } from '../difference.ts';
import type { Candidate, Compared } from './candidate.ts';
import type { Question } from './question.ts';

/** The one that is most like it. */
export function borrowable(compared: readonly Compared[], { method }: Question): Compared | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const [best] = compared
    .filter(({ candidate, found }) => candidate.answer.source === 'exemplar' && found.every(isOtherId))
    .toSorted((one, other) => one.found.length - other.found.length);
  return best;
}

/** Undefined for what is the transaction's own. */
export function fromElsewhere({ answer: { source } }: Candidate): string | undefined {
  return source === 'loop' || source === 'candidate' ? undefined : BORROWED_FROM[source];
}

function isOtherId({ recorded = '', asked = '', noise }: Difference): boolean {
  return noise || (isIdentity(recorded) && isIdentity(asked));
}
