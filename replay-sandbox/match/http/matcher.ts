/**
 * Chooses the recorded exchange that answers a request: protocol meaning first, then recorded order among equals. Nothing is served that
 * was not recorded for this method and path; what differs is said in the grade.
 */
import type { Exchange } from '../../../src/domain/exchange.ts';
import { bodyOf, methodOf, pathOf } from '../../../src/domain/exchange.ts';
import { isEventStream } from '../../../src/wire/sse/exchange.ts';
import { isWebSocket } from '../../../src/wire/websocket/exchange.ts';
import type { AnswerSource, Grade } from '../call.ts';
import type { AskedDisguise } from '../disguise.ts';
import type { Difference } from '../difference.ts';
import { describeDifference, differences } from '../difference.ts';
import type { TimeWindow } from '../noise.ts';
import type { Candidate, Compared, HttpAnswer } from './candidate.ts';
import { explainMiss } from './explain.ts';
import type { Question } from './question.ts';
import { question } from './question.ts';

export type Match =
  | {
      readonly kind: 'answer';
      readonly exchange: Exchange;
      readonly source: AnswerSource;
      readonly grade: Grade;
      readonly explanation: readonly string[];
    }
  | { readonly kind: 'miss'; readonly explanation: readonly string[] };

/** The recorded answers of one peer. */
export class HttpMatcher {
  readonly #candidates: readonly Candidate[];
  readonly #now: () => number;

  /** Answers in recorded order. `now` gives Unix ms. */
  constructor(answers: readonly HttpAnswer[], now: () => number) {
    this.#now = now;
    this.#candidates = answers.map((answer) => ({ answer, asked: recordedQuestion(answer.exchange), served: 0 }));
  }

  /** `disguised`: the same question as a recording without originals would have it. */
  match(asked: Question, disguised: (disguise: AskedDisguise) => Question = () => asked): Match {
    const as = remembering(asked, disguised);
    const same = this.#candidates.filter(
      ({ asked: { method }, answer }) => method === asked.method && !isWebSocket(answer.exchange),
    );
    const compared = same.map((candidate) => ({
      candidate,
      found: this.#compare(candidate, as(candidate.answer.disguise)),
    }));
    const certain = compared.filter(({ candidate }) => candidate.answer.source === 'loop');
    const uncertain = compared.filter(({ candidate }) => candidate.answer.source !== 'loop');
    const chosen =
      pick(certain, isSame) ??
      pick(certain, isNoise) ??
      pick(uncertain, isSame) ??
      pick(uncertain, isNoise) ??
      again(compared, asked) ??
      pick(certain, isDrift);
    if (chosen === undefined) return { kind: 'miss', explanation: explainMiss(asked, compared, this.#candidates) };
    chosen.candidate.served += 1;
    const { exchange, source } = chosen.candidate.answer;
    return { kind: 'answer', exchange, source, ...graded(chosen) };
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

  #compare(candidate: Candidate, asked: Question): readonly Difference[] {
    const window: TimeWindow = { recordedAt: candidate.answer.exchange.startedAt, now: this.#now() };
    const recorded = candidate.asked;
    return [
      ...differences(recorded.path.split('/'), asked.path.split('/'), window, 'path'),
      ...differences(recorded.query, asked.query, window, 'query'),
      ...differences(recorded.resume, asked.resume, window, 'headers'),
      ...(continues(candidate, asked) ? [] : differences(recorded.body, asked.body, window, 'body')),
    ];
  }
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
  compared.found.every((difference) => difference.noise || !difference.where.startsWith('path'));

function pick(compared: readonly Compared[], accept: (compared: Compared) => boolean): Compared | undefined {
  return compared.find((entry) => entry.candidate.served === 0 && accept(entry));
}

/** A read that is asked more often than it was recorded gets the last recorded answer again; a write does not. */
function again(compared: readonly Compared[], asked: Question): Compared | undefined {
  if (asked.method !== 'GET' && asked.method !== 'HEAD') return undefined;
  // An event stream is no value: what it said once it does not say again.
  return compared.findLast((entry) => isNoise(entry) && !isEventStream(entry.candidate.answer.exchange.response));
}

function graded({ candidate, found }: Compared): { readonly grade: Grade; readonly explanation: readonly string[] } {
  const real = found.filter((difference) => !difference.noise).map(describeDifference);
  const repeat = candidate.served > 1 ? [`served for the ${ordinal(candidate.served)} time; recorded once`] : [];
  const explanation = [...real, ...repeat];
  if (real.length > 0) return { grade: 'drifted', explanation };
  if (candidate.answer.source !== 'loop' && candidate.answer.source !== 'candidate')
    return { grade: 'borrowed', explanation };
  const exact = found.length === 0 && candidate.answer.source === 'loop' && candidate.served === 1;
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
