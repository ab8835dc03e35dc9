/** Whether a value that a service asks with now, and did not then, comes of its code, and not of chance or of a counter. */
import { derivation } from '../compare/derived.ts';
import type { Difference } from '../match/difference.ts';

/** Shorter ones stand in everything. */
const SHORTEST = 3;
/** No random number, id or counter is one of these. */
const SPECIAL = /^(?:|null|undefined|NaN|-?Infinity|\[object \w+\]|Invalid Date)$/;

/**
 * Either of the two is no value at all, or was given to the service: who is given the same again asks the same again, unless the code is
 * another. `inputs`: what it was given until it asked.
 */
export function isComputed({ recorded, asked }: Difference, inputs: readonly string[]): boolean {
  if (recorded === undefined || asked === undefined) return true;
  const [then, now] = [unquoted(recorded), unquoted(asked)];
  if (SPECIAL.test(then) !== SPECIAL.test(now)) return true;
  return [then, now].some((value) => isGiven(value, inputs));
}

function isGiven(value: string, inputs: readonly string[]): boolean {
  if (value.length < SHORTEST) return false;
  return inputs.some((input) => {
    const made = derivation(input, value);
    return made === 'same' || made === 'written otherwise';
  });
}

/** A constant of a statement stands in its quotes. */
function unquoted(text: string): string {
  return /^'[\s\S]*'$/.test(text) ? text.slice(1, -1) : text;
}
