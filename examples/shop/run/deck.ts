import { ACTIONS } from './customer.ts';
import type { Action } from './customer.ts';

/** How many cards of each action a deck holds. */
export type Mix = Readonly<Partial<Record<Action, number>>>;

/** About one request in fifty-five meets the bug; a swallowed failure (`partnerOffer`) and gifts that go well (`newGiftOrder`) come only when asked for. */
export const DEFAULT_MIX: Mix = {
  browse: 24,
  search: 12,
  product: 32,
  cart: 8,
  order: 20,
  status: 10,
  login: 6,
  profile: 6,
  unknown: 4,
  outOfStock: 4,
  badCoupon: 2,
  expired: 2,
  badToken: 2,
  giftOrder: 3,
};

/** Actions in a shuffled order. Unlike dice, a deck brings the rare ones for certain, each time it is dealt through. */
export class Deck {
  readonly #cards: readonly Action[];
  readonly #random: () => number;
  #left: Action[] = [];

  constructor(mix: Mix, random: () => number) {
    this.#cards = ACTIONS.flatMap((action) => Array.from({ length: mix[action] ?? 0 }, () => action));
    this.#random = random;
  }

  /** The next action; a deck without cards browses. */
  deal(): Action {
    if (this.#left.length === 0) this.#left = shuffled(this.#cards, this.#random);
    return this.#left.pop() ?? 'browse';
  }
}

function shuffled(cards: readonly Action[], random: () => number): Action[] {
  const keyed = cards.map((card) => ({ card, key: random() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ card }) => card);
}
