/**
 * What good transactions were answered to an insert stands in for one that the service of a loop never got to, or that failed in it. Of other
 * statements the answer speaks of the thing asked for; that of an insert says that it is there now, and which id it has.
 */
import { decodeBackend } from '../../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../../src/wire/postgres/framing.ts';
import type { Compared } from '../../candidates.ts';
import type { Question, RecordedStatement } from '../recorded.ts';

/** None when good transactions were answered one this and one that: rows, or no row because of a conflict. */
export function standIns(
  asked: Pick<Question, 'sql'>,
  compared: readonly Compared<RecordedStatement>[],
): readonly Compared<RecordedStatement>[] {
  if (!/^INSERT\b/i.test(asked.sql)) return [];
  const found = compared.filter(({ candidate: { recorded } }) => recorded.standsIn === true && recorded.complete);
  return new Set(found.map(({ candidate: { recorded } }) => outcomeOf(recorded))).size === 1 ? found : [];
}

/** `INSERT 0 1`, `23505`. */
function outcomeOf({ answer, command }: RecordedStatement): string {
  const tags = answer.flatMap((message) => {
    const read = decodeBackend(messageFrame(message));
    return read?.kind === 'command-complete' ? [read.tag] : [];
  });
  return [...tags, command.error?.code ?? ''].join(' ');
}
