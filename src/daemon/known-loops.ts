/** What is stored already of a transaction of which more has come. */
import { loopIdFor } from './identity.ts';
import type { Known } from './plan-loops.ts';
import { derive, type Derived } from '../keeping/derive.ts';
import { disguiseOf, type Disguise } from '../keeping/disguise/disguise.ts';
import { disguisePart } from '../keeping/disguise/part.ts';
import type { RecordedPart } from '../recorder/part.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import type { PartContent } from '../wire/segments/part.ts';
import type { StoredLoop } from '../../storage/port.ts';

export interface KnownLoop extends Known {
  readonly stored: StoredLoop;
  readonly former: readonly PartContent[];
}

/** Everything that is known under the keys of a part, in one tree. */
export function wholeOf(
  { transaction, recorder }: RecordedPart,
  known: readonly KnownLoop[],
  fresh: readonly PartContent[],
  rules: RuleSet,
): Derived {
  const former = known.flatMap((loop) => loop.former);
  const own = former.filter((part) => part.recorder === recorder);
  // Of what is stored without originals, what is new must have the same tokens to fit.
  const disguise = disguiseOf(former);
  const seen = disguise === undefined ? fresh : disguised(fresh, own, disguise);
  return derive(
    {
      id: loopIdFor('failure', transaction),
      purpose: 'failure',
      subject: '',
      transaction,
      parts: [...former, ...seen],
    },
    rules,
  );
}

/** Those that are not yet, each without what is there before it. */
export function disguised(
  parts: readonly PartContent[],
  former: readonly PartContent[],
  disguise: Disguise,
): PartContent[] {
  const done: PartContent[] = [];
  for (const part of parts)
    done.push(part.disguised === undefined ? disguisePart(part, [...former, ...done], disguise) : part);
  return done;
}
