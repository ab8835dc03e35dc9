/**
 * When the answer to another question is given: one with other values, of the same kind (method and path, statement, command and key). It is
 * lent: whoever asks the question itself still gets it. Everywhere the same, since a wrong answer that looks right is worse than none.
 */
import type { Difference } from './difference.ts';

/** What was recorded of one kind. */
export interface Kin {
  /** Against what is asked, noise too. */
  readonly found: readonly Difference[];
  readonly candidate: { readonly served: number; readonly lent: number };
}

export interface Judging<T extends Kin> {
  /** Of a part the asked question may have more, or lack, without being another one: the fields of a body. */
  readonly isPart?: (where: string) => boolean;
  /** What was answered, but for noise. */
  readonly answerOf: (one: T) => string;
}

/** `kin`: all of this kind that certainly is the transaction's own, in recorded order, served or not. */
export function drifting<T extends Kin>(kin: readonly T[], { isPart, answerOf }: Judging<T>): readonly T[] {
  const free = kin.filter(({ candidate }) => candidate.served === 0 && candidate.lent === 0);
  // There is nothing else it can mean.
  if (free.length <= 1) return free;
  const contained = isPart === undefined ? [] : free.filter((one) => isMoreOrLess(one, isPart));
  if (contained.length > 0) return contained;
  const [first, ...others] = kin.map(answerOf);
  return others.every((other) => other === first) ? free : [];
}

/** One says what the other says, and more. */
function isMoreOrLess({ found }: Kin, isPart: (where: string) => boolean): boolean {
  const real = found.filter(({ noise }) => !noise);
  if (real.length === 0 || !real.every(({ where }) => isPart(where))) return false;
  return real.every(({ recorded }) => recorded === undefined) || real.every(({ asked }) => asked === undefined);
}
