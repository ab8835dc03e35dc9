import { describe, expect, test } from 'vitest';
import { Deck, DEFAULT_MIX } from '../../../../examples/shop/run/deck.ts';
import { seededRandom } from '../../../../examples/shop/run/random.ts';

const CARDS = Object.values(DEFAULT_MIX).reduce((sum, count) => sum + count, 0);

function deal(seed: number, count: number): readonly string[] {
  const deck = new Deck(DEFAULT_MIX, seededRandom(seed));
  return Array.from({ length: count }, () => deck.deal());
}

describe('a deck of actions', () => {
  test('has each card once, every time it is dealt through', () => {
    const twice = deal(5, 2 * CARDS);
    for (const [action, count] of Object.entries(DEFAULT_MIX)) {
      expect(twice.slice(0, CARDS).filter((dealt) => dealt === action)).toHaveLength(count);
      expect(twice.slice(CARDS).filter((dealt) => dealt === action)).toHaveLength(count);
    }
    expect(twice.slice(0, CARDS)).not.toEqual(twice.slice(CARDS));
  });

  test('is shuffled the same way for the same seed', () => {
    expect(deal(5, 50)).toEqual(deal(5, 50));
    expect(deal(5, 50)).not.toEqual(deal(6, 50));
  });

  test('without cards browses', () => {
    expect(new Deck({}, seededRandom(1)).deal()).toBe('browse');
  });
});
