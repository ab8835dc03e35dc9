/** A recorded exchange that may answer what is asked. */
import type { Exchange } from '../../../src/domain/exchange.ts';
import type { AnswerSource } from '../call.ts';
import type { Difference } from '../difference.ts';
import type { AskedDisguise } from '../disguise.ts';
import { masked } from '../../../src/domain/noise.ts';
import { standingOf, type Standing } from '../candidates.ts';
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
  /** How often it stood in for another question: it is still there for its own. */
  lent: number;
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
  readonly #byText = new Map<string, { readonly all: Candidate[]; at: number }>();
  readonly #byKind = new Map<string, Candidate[]>();

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of candidates) {
      const standing = standingOf(candidate.answer.source);
      const text = textOf(candidate.asked);
      for (const key of new Set([text, masked(text)])) {
        const found = this.#byText.get(`${standing} ${key}`) ?? { all: [], at: 0 };
        found.all.push(candidate);
        this.#byText.set(`${standing} ${key}`, found);
      }
      const kind = kindOf(candidate.asked);
      const mates = this.#byKind.get(kind) ?? [];
      mates.push(candidate);
      this.#byKind.set(kind, mates);
    }
  }

  /** Some that are not served yet and have this text, or have it but for noise. */
  free(text: string, standing: Standing): readonly Candidate[] {
    const found = this.#byText.get(`${standing} ${text}`);
    if (found === undefined) return [];
    // What is served never becomes free again: each is passed once.
    while ((found.all[found.at]?.served ?? 0) > 0) found.at += 1;
    return found.all.slice(found.at, found.at + SOME).filter(({ served }) => served === 0);
  }

  /** All that have this text, or have it but for noise, served or not. */
  asking(text: string, standing: Standing): readonly Candidate[] {
    return this.#byText.get(`${standing} ${text}`)?.all ?? [];
  }

  ofKind(kind: string): readonly Candidate[] {
    return this.#byKind.get(kind) ?? [];
  }
}

/** Of another kind nothing is compared: another method, or another path. */
export function kindOf({ method, path }: Question): string {
  return `${method} ${masked(path)}`;
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
