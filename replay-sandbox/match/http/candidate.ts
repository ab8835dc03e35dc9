/** A recorded exchange that may answer what is asked. */
import type { Exchange } from '../../../src/domain/exchange.ts';
import type { AnswerSource } from '../call.ts';
import type { Difference } from '../difference.ts';
import type { AskedDisguise } from '../disguise.ts';
import type { Question } from './question.ts';

export interface HttpAnswer {
  readonly exchange: Exchange;
  readonly source: AnswerSource;
  /** Of a recording without originals. */
  readonly disguise?: AskedDisguise | undefined;
}

export interface Candidate {
  readonly answer: HttpAnswer;
  readonly asked: Question;
  served: number;
}

/** Against what is asked. */
export interface Compared {
  readonly candidate: Candidate;
  readonly found: readonly Difference[];
}
