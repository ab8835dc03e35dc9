/**
 * Chooses the recorded exchange that answers a request: protocol meaning first, then recorded order among equals. Nothing is served that
 * was not recorded for this method and path; what differs is said in the grade.
 */
import type { Exchange } from '../../../src/domain/exchange.ts';
import { bodyOf, methodOf, pathOf } from '../../../src/domain/exchange.ts';
import { isEventStream } from '../../../src/wire/sse/exchange.ts';
import { isWebSocket } from '../../../src/wire/websocket/exchange.ts';
import type { Relation } from '../bindings.ts';
import { Bindings } from '../bindings.ts';
import type { AnswerSource, Grade, Nearest } from '../call.ts';
import type { AskedDisguise } from '../disguise.ts';
import type { Difference } from '../difference.ts';
import { describeDifference, differences } from '../difference.ts';
import type { TimeWindow } from '../noise.ts';
import { masked } from '../noise.ts';
import { replacedLines } from '../explain.ts';
import { speakingAnew } from './anew.ts';
import { borrowable, fromElsewhere, speakingOf } from './borrow.ts';
import type { Candidate, Compared, HttpAnswer } from './candidate.ts';
import { CandidateIndex, textOf } from './candidate.ts';
import { explainMiss } from './explain.ts';
import type { Question } from './question.ts';
import { question } from './question.ts';

export type Match =
  | {
      readonly kind: 'answer';
      /** As it is given: it speaks of what the service made anew. */
      readonly exchange: Exchange;
      readonly source: AnswerSource;
      readonly grade: Grade;
      readonly explanation: readonly string[];
      /** How the question differs from the recorded one, noise too. */
      readonly found?: readonly Difference[];
    }
  | { readonly kind: 'miss'; readonly explanation: readonly string[]; readonly nearest?: Nearest };

/** The recorded answers of one peer. */
export class HttpMatcher {
  readonly #candidates: readonly Candidate[];
  readonly #index: CandidateIndex;
  readonly #disguises: ReadonlySet<AskedDisguise | undefined>;
  readonly #now: () => number;
  readonly #bindings: Bindings;

  /** Answers in recorded order. `now` gives Unix ms; `bindings` are those of the replay. */
  constructor(answers: readonly HttpAnswer[], now: () => number, bindings = new Bindings()) {
    this.#now = now;
    this.#bindings = bindings;
    this.#candidates = answers.map((answer) => ({ answer, asked: recordedQuestion(answer.exchange), served: 0 }));
    this.#index = new CandidateIndex(
      this.#candidates.filter(({ answer }) => isOwn(answer) && !isWebSocket(answer.exchange)),
    );
    this.#disguises = new Set(answers.map(({ disguise }) => disguise));
  }

  /** `disguised`: the same question as a recording without originals would have it. */
  match(asked: Question, disguised: (disguise: AskedDisguise) => Question = () => asked): Match {
    const as = remembering(asked, disguised);
    const found = this.#found(as);
    if (found !== undefined) return this.#serve(found);
    const compared = this.#candidates
      .filter(({ asked: { method }, answer }) => method === asked.method && !isWebSocket(answer.exchange))
      .map((candidate) => this.#compared(candidate, as(candidate.answer.disguise)));
    const certain = compared.filter(({ candidate }) => isOwn(candidate.answer));
    const uncertain = compared.filter(({ candidate }) => !isOwn(candidate.answer));
    const chosen =
      this.#next(certain) ??
      this.#next(uncertain) ??
      this.#again(compared, asked) ??
      fewest(certain.filter(isDrift)) ??
      borrowable(uncertain, asked);
    return chosen === undefined ? this.#miss(asked, compared) : this.#serve(chosen);
  }

  /** Recorded calls of one method and path, in recorded order. Whoever serves one counts it. */
  of(method: string, path: string): readonly Candidate[] {
    return this.#candidates.filter(({ asked }) => asked.method === method && asked.path === path);
  }

  /** Recorded calls of the loop itself that nothing asked for. */
  unused(): readonly Exchange[] {
    return this.#candidates
      .filter((candidate) => candidate.served === 0 && candidate.answer.source === 'loop')
      .map((candidate) => candidate.answer.exchange);
  }

  /** What is found without looking at all: it asks the same, or the same but for noise. */
  #found(as: (disguise: AskedDisguise | undefined) => Question): Compared | undefined {
    for (const disguise of this.#disguises) {
      const asked = as(disguise);
      const text = textOf(asked);
      const recalled = this.#bindings.recalled(text);
      // Who asks with an id that is bound means what was recorded of it; with new ids only, what is free.
      const wanted = recalled === text ? 'free' : 'bound';
      for (const key of new Set([text, recalled, masked(text)]))
        for (const candidate of this.#index.some(key)) {
          const compared = candidate.answer.disguise === disguise ? this.#compared(candidate, asked) : undefined;
          if (compared === undefined || !isNoise(compared)) continue;
          const relation = this.#bindings.relation([...compared.found, ...compared.naming]);
          if (isSame(compared) ? relation !== 'other' : relation === wanted) return compared;
        }
    }
    return undefined;
  }

  /** Not served yet: the same, then the same of what is bound, then of what is new. */
  #next(compared: readonly Compared[]): Compared | undefined {
    const free = compared.filter(({ candidate }) => candidate.served === 0);
    const noisy = free.filter(isNoise);
    return (
      free.find((entry) => isSame(entry) && this.#relation(entry) !== 'other') ??
      free.find(isSame) ??
      noisy.find((entry) => this.#relation(entry) === 'bound') ??
      noisy.find((entry) => this.#relation(entry) === 'free') ??
      noisy[0]
    );
  }

  /** A read that is asked more often than it was recorded gets the last recorded answer again; a write does not. */
  #again(compared: readonly Compared[], asked: Question): Compared | undefined {
    if (asked.method !== 'GET' && asked.method !== 'HEAD') return undefined;
    // An event stream is no value: what it said once it does not say again.
    const reads = compared.filter(
      (entry) => isNoise(entry) && !isEventStream(entry.candidate.answer.exchange.response),
    );
    const of = (relation: Relation) => reads.findLast((entry) => this.#relation(entry) === relation);
    // With an id that is bound to another it asks of something else.
    return reads.findLast(isSame) ?? of('bound') ?? of('free');
  }

  #relation({ found, naming }: Compared): Relation {
    return this.#bindings.relation([...found, ...naming]);
  }

  #serve(chosen: Compared): Match {
    const { candidate, found, naming } = chosen;
    candidate.served += 1;
    const { source, exchange } = candidate.answer;
    const own = found.some(({ noise }) => !noise) && fromElsewhere(candidate) ? speakingOf(exchange, found) : exchange;
    this.#bindings.bind([...found, ...naming]);
    const anew = new Set<string>();
    const given = speakingAnew(own, this.#bindings, anew);
    return { kind: 'answer', exchange: given, source, found, ...graded(chosen, [...anew]) };
  }

  #miss(asked: Question, compared: readonly Compared[]): Match {
    const explanation = explainMiss(asked, compared, this.#candidates);
    const nearest = fewest(compared.filter(({ candidate }) => isOwn(candidate.answer)));
    if (nearest === undefined) return { kind: 'miss', explanation };
    const { candidate, found } = nearest;
    return { kind: 'miss', explanation, nearest: { exchange: candidate.answer.exchange.id, found } };
  }

  #compared(candidate: Candidate, asked: Question): Compared {
    const window: TimeWindow = { recordedAt: candidate.answer.exchange.startedAt, now: this.#now() };
    const recorded = candidate.asked;
    const found = [
      ...differences(recorded.path.split('/'), asked.path.split('/'), window, 'path'),
      ...differences(recorded.query, asked.query, window, 'query'),
      ...differences(recorded.resume, asked.resume, window, 'headers'),
      ...(continues(candidate, asked) ? [] : differences(recorded.body, asked.body, window, 'body')),
    ];
    return { candidate, found: this.#bindings.noted(found), naming: namingDifferences(recorded, asked) };
  }
}

/** Headers that both have. */
function namingDifferences(recorded: Question, asked: Question): readonly Difference[] {
  return Object.entries(asked.naming ?? {}).flatMap(([name, value]) => {
    const then = recorded.naming?.[name];
    if (then === undefined || then === value) return [];
    return [{ where: `headers.${name}`, recorded: then, asked: value, noise: true, names: true as const }];
  });
}

function isOwn({ source }: HttpAnswer): boolean {
  return source === 'loop';
}

/** Not served yet, and the least apart: of equals the first. */
function fewest(compared: readonly Compared[]): Compared | undefined {
  const apart = ({ found }: Compared): number => found.filter(({ noise }) => !noise).length;
  const free = compared.filter(({ candidate }) => candidate.served === 0);
  const least = free.reduce((so, entry) => Math.min(so, apart(entry)), Infinity);
  return free.find((entry) => apart(entry) === least);
}

/** Of a request that was never recorded whole (it was answered early, or is longer than what is kept) only its beginning can be compared. */
function continues({ answer, asked: { bytes } }: Candidate, asked: Question): boolean {
  if (answer.exchange.request?.complete !== false) return false;
  return Buffer.compare(bytes, asked.bytes.subarray(0, bytes.length)) === 0;
}

/** A question is disguised once for each recording, not for each candidate. */
function remembering(
  asked: Question,
  disguised: (disguise: AskedDisguise) => Question,
): (disguise: AskedDisguise | undefined) => Question {
  const known = new Map<AskedDisguise, Question>();
  return (disguise) => {
    if (disguise === undefined) return asked;
    const question = known.get(disguise) ?? disguised(disguise);
    known.set(disguise, question);
    return question;
  };
}

const isSame = (compared: Compared) => compared.found.length === 0;
const isNoise = (compared: Compared) => compared.found.every((difference) => difference.noise);
/** Another path is another question; another query or body is the same one with other values. */
const isDrift = (compared: Compared) =>
  compared.candidate.answer.onlySame !== true &&
  compared.found.every((difference) => difference.noise || !difference.where.startsWith('path'));

function graded(
  { candidate, found }: Compared,
  anew: readonly string[],
): { readonly grade: Grade; readonly explanation: readonly string[] } {
  const real = found.filter((difference) => !difference.noise).map(describeDifference);
  const repeat = candidate.served > 1 ? [`served for the ${ordinal(candidate.served)} time; recorded once`] : [];
  const elsewhere = fromElsewhere(candidate);
  const { method, path } = candidate.asked;
  const borrowed = elsewhere === undefined ? [] : [`borrowed from ${elsewhere}: it was answered to ${method} ${path}`];
  const explanation = [...borrowed, ...real, ...repeat, ...replacedLines(anew)];
  if (elsewhere !== undefined) return { grade: 'borrowed', explanation };
  if (real.length > 0) return { grade: 'drifted', explanation };
  const exact = found.length === 0 && isOwn(candidate.answer) && candidate.served === 1 && anew.length === 0;
  return { grade: exact ? 'exact' : 'normalised', explanation };
}

function ordinal(count: number): string {
  return count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`;
}

function recordedQuestion(exchange: Exchange): Question {
  const request = exchange.request;
  return question(
    methodOf(exchange),
    pathOf(exchange),
    request?.headers ?? [],
    // What follows an upgrade is no body, and is compared by message.
    request === undefined || isWebSocket(exchange) ? new Uint8Array() : bodyOf(request),
  );
}
