/**
 * The scale, measured: a logistic regression over generated traffic (test/support/flow-fit.ts) of 1 to 50 requests at once. Units are
 * natural logarithms of odds against "none of them made it".
 */
import type { Features } from './features.ts';

export const WEIGHTS: Readonly<Record<keyof Features, number>> = {
  given: 7,
  returned: 4,
  open: 1.5,
  nested: 1.2,
  behind: 1.4,
  ahead: 0.9,
  failed: 1,
  survived: -0.5,
  only: 0.5,
};

/** Odds that nobody who was seen made the call: before anything speaks, and when its service makes it by itself, or passes context on. */
export const NOBODY = { always: 3.2, lonely: 2, propagates: 1.5, drops: -1.5 } as const;

/** From here on a placement is taken. */
export const TAKEN = 0.5;
/** Without a value that flows nobody is taken, unless the service is known to lose context: never by guess alone. */
export const UNPROVEN = 0.49;
/** A value weighs so much before it proves anything. */
export const PROOF = 0.2;

export function logOdds(features: Features): number {
  return (Object.keys(WEIGHTS) as (keyof Features)[]).reduce((sum, name) => sum + WEIGHTS[name] * features[name], 0);
}
