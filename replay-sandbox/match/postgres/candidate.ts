import type { Difference } from '../difference.ts';
import type { RecordedStatement } from './recorded.ts';

/** A recorded statement, and how often it has answered. */
export interface Candidate {
  readonly statement: RecordedStatement;
  served: number;
}

/** A candidate with the same statement, and how its values differ from the asked ones. */
export interface Compared {
  readonly candidate: Candidate;
  readonly found: readonly Difference[];
}
