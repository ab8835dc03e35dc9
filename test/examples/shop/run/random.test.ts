import { expect, test } from 'vitest';
import { pick, seededRandom } from '../../../../examples/shop/run/random.ts';

test('a seed gives the same numbers again, another seed others', () => {
  const three = (seed: number): readonly number[] => Array.from({ length: 3 }, seededRandom(seed));
  expect(three(7)).toEqual(three(7));
  expect(three(7)).not.toEqual(three(8));
});

test('every choice comes about as often as any other', () => {
  const random = seededRandom(1);
  const counts = { a: 0, b: 0, c: 0 };
  for (let drawn = 0; drawn < 3000; drawn += 1) counts[pick(random, ['a', 'b', 'c'] as const)] += 1;
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(900);
});
