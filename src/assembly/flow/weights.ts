/**
 * The scale, measured: a multinomial logistic regression over 2,500 calls of the services of bench/attribution.ts with 10 requests in flight (rounded). Natural logarithms of odds against "none of them made it". Time right behind something of the caller
 * (`ahead` in the first fit) told nothing that `behind` did not.
 */
import type { Features } from './features.ts';

const WEIGHTS: Readonly<Record<keyof Features, number>> = {
  given: 6.7,
  many: 1.9,
  returned: 2,
  open: 2.2,
  nested: 2.7,
  behind: 1.5,
  failed: 2.5,
  quoted: 1.5,
  survived: -0.8,
  overlapping: -2,
  repeated: -0.8,
  again: -2,
  only: 0.1,
};

/** Odds that nobody who was seen made the call: before anything speaks, and when its service makes it by itself, or passes context on. */
export const NOBODY = { always: 6.5, lonely: 3.5, passesOn: 1.5, loses: -1.5 } as const;

/** From here on a placement is taken. */
export const TAKEN = 0.5;
/** Without a value that flows nobody is taken, unless the service is known to lose context: never by guess alone. */
export const UNPROVEN = 0.49;
/** And then only from here on. */
export const CLEAR = 0.75;
/** A value weighs so much before it proves anything. */
export const PROOF = 0.2;

export function logOdds(features: Features): number {
  return (Object.keys(WEIGHTS) as (keyof Features)[]).reduce((sum, name) => sum + WEIGHTS[name] * features[name], 0);
}
