/** Conditions on bodies, where the ring could not decide. */
import { judgeBy } from '../keeping/judge.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import type { Reader } from './inspector.ts';

/** Keeps what fails by the rules in force, whatever they were when the exchange passed. */
export function rulesReader(inForce: () => RuleSet): Reader {
  return { kind: 'rules', read: (exchange) => judgeBy(inForce())(exchange) !== undefined };
}
