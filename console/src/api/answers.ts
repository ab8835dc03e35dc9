import type { Answers } from '../../../src/api/contract/answers.ts';
import type { Operation } from '../../../src/api/contract/endpoints.ts';

/** What each question is answered with. */
export type AnswerOf<Op extends Operation> = Answers[Op];
