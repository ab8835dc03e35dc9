import type { AskedDisguise } from '../disguise.ts';
import type { Question } from './question.ts';

/** What is asked, as a recording would have it. */
export type As = (disguise: AskedDisguise | undefined) => Question;

/** A question is disguised once for each recording, not for each candidate. */
export function remembering(asked: Question, disguised: (disguise: AskedDisguise) => Question): As {
  const known = new Map<AskedDisguise, Question>();
  return (disguise) => {
    if (disguise === undefined) return asked;
    const question = known.get(disguise) ?? disguised(disguise);
    known.set(disguise, question);
    return question;
  };
}
