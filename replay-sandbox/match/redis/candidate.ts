import type { Difference } from '../difference.ts';
import type { Recorded } from './recorded.ts';

/** What was recorded, and how often it has answered. */
export interface Candidate {
  readonly recorded: Recorded;
  served: number;
}

/** A candidate that asks the same kind of thing, and how its arguments differ from the asked ones. */
export interface Compared {
  readonly candidate: Candidate;
  readonly found: readonly Difference[];
  /** False when one names its script by its text, the other by its digest. */
  readonly sameForm: boolean;
}
