/** What is shown of a comparison, by what the reader wants to see. */
import type { ComparedPair, Comparison, Difference } from '../../../src/api/contract/results.ts';

export interface Wanted {
  /** Also values that are made anew each time, and pairs in which nothing else differs. */
  readonly noise: boolean;
}

export interface ShownPair {
  readonly pair: ComparedPair;
  readonly differences: readonly Difference[];
}

export function shownPairs({ pairs }: Pick<Comparison, 'pairs'>, { noise }: Wanted): readonly ShownPair[] {
  return pairs
    .filter(({ verdict }) => noise || verdict !== 'same')
    .map((pair) => ({
      pair,
      differences: pair.differences.filter(({ kind }) => noise || (kind !== 'noise' && kind !== 'hidden')),
    }));
}

export const VERDICT_WORDS: Readonly<Record<ComparedPair['verdict'], string>> = {
  same: 'same',
  differs: 'differs',
  'only-left': 'only left',
  'only-right': 'only right',
};

/** `2 differ, 1 only left, 5 same`. */
export function countsOf({ pairs }: Pick<Comparison, 'pairs'>): string {
  const count = (verdict: ComparedPair['verdict']): number => pairs.filter((pair) => pair.verdict === verdict).length;
  const said = [
    [count('differs'), 'differ'],
    [count('only-left'), 'only left'],
    [count('only-right'), 'only right'],
    [count('same'), 'same'],
  ] as const;
  return said
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
}
