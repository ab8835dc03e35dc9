/** A recorded exchange that may answer what is asked. */
import type { Exchange } from '../../../src/domain/exchange.ts';
import type { AnswerSource } from '../call.ts';
import type { Difference } from '../difference.ts';
import type { AskedDisguise } from '../disguise.ts';
import { masked } from '../noise.ts';
import type { Question } from './question.ts';

export interface HttpAnswer {
  readonly exchange: Exchange;
  readonly source: AnswerSource;
  /** For nobody who asks with other values. */
  readonly onlySame?: true;
  /** Before it is given, beyond the time it takes by itself. */
  readonly delayMs?: number;
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
  /** What is named otherwise: no difference, but bound. */
  readonly naming: readonly Difference[];
}

/** What looks alike mostly is asked in recorded order: the right one stands in front. */
const SOME = 32;

/** In recorded order, found by what they ask, or by what is left of that without noise. */
export class CandidateIndex {
  readonly #waiting = new Map<string, { readonly all: Candidate[]; at: number }>();

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of candidates) {
      const text = textOf(candidate.asked);
      for (const key of new Set([text, masked(text)])) {
        const known = this.#waiting.get(key) ?? { all: [], at: 0 };
        known.all.push(candidate);
        this.#waiting.set(key, known);
      }
    }
  }

  /** Some that are not served yet and have this text, or have it but for noise. */
  some(text: string): readonly Candidate[] {
    const waiting = this.#waiting.get(text);
    if (waiting === undefined) return [];
    // What is served never becomes free again: each is passed once.
    while ((waiting.all[waiting.at]?.served ?? 0) > 0) waiting.at += 1;
    return waiting.all.slice(waiting.at, waiting.at + SOME).filter(({ served }) => served === 0);
  }
}

const known = new WeakMap<Question, string>();

/** The same for two requests that compare without a difference, when they are written alike. */
export function textOf(question: Question): string {
  const text = known.get(question) ?? write(question);
  known.set(question, text);
  return text;
}

function write({ method, path, query, resume, body }: Question): string {
  return JSON.stringify([method, path, query, resume, body ?? null]);
}
